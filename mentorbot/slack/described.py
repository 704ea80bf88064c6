"""A programme file in words, with its dates: what a coordinator confirms before it runs."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from mentorbot.domain.admission import ApplicationRules, FirstCome, Lottery
from mentorbot.domain.conditions import AllOf, AnyOf, Condition, Leaf
from mentorbot.domain.course import CycleRules
from mentorbot.domain.model import Role
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.domain.surveys import Survey
from mentorbot.slack import blocks
from mentorbot.slack.places import reason_in_words
from mentorbot.slack.progress import length_in_words
from mentorbot.slack.session_words import kind_in_words, where_in_words
from mentorbot.wording import Markup, escape, listed, say

INDENT = "\u2003"


def programme_in_words(file: ProgrammeFile, locale: str) -> list[blocks.Block]:
    """Who may take part and when, how places are given, how people match, and for how long."""

    shown = [blocks.header(file.name), blocks.section(escape(file.purpose))]
    shown.append(_heading("who", locale))
    shown += map(blocks.section, _who(file, locale))
    for heading, lines in (("when", _when), ("places", _places), ("course", _course)):
        shown += [_heading(heading, locale), *blocks.bulleted(lines(file, locale))]
    return shown


def directory_shows(file: ProgrammeFile, locale: str) -> Markup:
    """The questions whose answers the directory shows, by their labels."""
    labels = {asked.id: asked.label for asked in file.form}
    shown = [labels[it] for it in file.directory.shown] if file.directory else []
    return listed([say("described.asked", locale, question=it) for it in shown], locale)


def _heading(key: str, locale: str) -> blocks.Block:
    return blocks.section(f"*{say(f'described.heading.{key}', locale)}*")


def _who(file: ProgrammeFile, locale: str) -> Iterator[Markup]:
    rules = file.application
    for role in Role:
        rule = rules.eligibility.get(role) if rules else None
        several = say(f"described.several.{role}", locale)
        if rule is None:
            yield say("described.everybody", locale, several=several)
        else:
            lines = "\n".join(_condition(rule, file, locale, 1))
            yield say("described.conditions", locale, several=several, lines=Markup(lines))


def _condition(rule: Condition, file: ProgrammeFile, locale: str, depth: int) -> Iterator[Markup]:
    """A rule as lines, each group indented below what it asks for."""
    if isinstance(rule, Leaf):
        yield _line(_leaf(rule, file, locale), depth)
    elif isinstance(rule, AllOf) and depth == 1:
        for part in rule.all:
            yield from _condition(part, file, locale, depth)
    else:
        yield _line(say(f"described.{rule.word}", locale), depth)
        parts = rule.any if isinstance(rule, AnyOf) else rule.all
        for part in parts:
            yield from _condition(part, file, locale, depth + 1)


def _leaf(leaf: Leaf, file: ProgrammeFile, locale: str) -> Markup:
    key, values = leaf.reason()
    return reason_in_words(key, values, file, partial(say, locale=locale))


def _line(text: Markup, depth: int) -> Markup:
    return Markup(f"{INDENT * depth}◦ {text}")


def _when(file: ProgrammeFile, locale: str) -> Iterator[Markup]:
    rules = file.application
    if rules is None or rules.through == ("import",):
        yield say("described.buttons", locale)
    if rules is None:
        return
    ways = listed([say(f"described.through.{way}", locale) for way in rules.through], locale)
    yield say("described.ways", locale, ways=ways)
    key = {(True, True): "window", (True, False): "opens", (False, True): "closes"}.get(
        (rules.opens_on is not None, rules.closes_on is not None), "always"
    )
    zone = file.time_zone
    yield say(f"described.{key}", locale, opens=rules.opens_on, closes=rules.closes_on, zone=zone)
    if rules.next_opens_on:
        yield say("described.next_opens", locale, on=rules.next_opens_on)


def _places(file: ProgrammeFile, locale: str) -> Iterator[Markup]:
    rules = file.application or ApplicationRules()
    if file.application is None:
        yield say("described.places.free", locale)
        return
    yield say(f"described.validation.{rules.validation}", locale)
    if rules.facts:
        facts = listed([fact.label for fact in rules.facts], locale)
        yield say("described.facts", locale, facts=facts)
    for role in Role:
        yield _selection(rules, role, locale)
    if rules.results_on:
        yield say("described.results", locale, on=rules.results_on)


def _selection(rules: ApplicationRules, role: Role, locale: str) -> Markup:
    selection = rules.selection_of(role)
    values: dict[str, Any] = {"several": say(f"described.several.{role}", locale)}
    if isinstance(selection, FirstCome | Lottery):
        values["places"] = selection.places
    if isinstance(selection, Lottery):
        values |= {"reserved": selection.reserved, "seed": selection.seed_source}
    return say(f"described.places.{selection.mode}", locale, **values)


def _course(file: ProgrammeFile, locale: str) -> Iterator[Markup]:
    matching, closing = file.matching, file.touchpoints.closing
    yield say(f"described.matching.{matching.mode}", locale, on=matching.on)
    yield from _ballot(file, locale)
    if rules := matching.requests:
        days = _length(locale, days=rules.answer_within_days)
        values = {"open": rules.open_at_once, "count": rules.partners_at_once}
        yield say("described.requests", locale, days=days, **values)
    if matching.group:
        least, most = matching.group.least, matching.group.most
        yield say("described.tracks.group", locale, least=least, most=most)
    if matching.tracks:
        labels = {asked.id: asked.label for asked in file.form}
        yield say("described.tracks.text", locale, question=labels[matching.tracks])
    if matching.review:
        yield say("described.review", locale, count=matching.review.approvals)
    if matching.by:
        yield say("described.by", locale, by=matching.by)
    if matching.late == "instant":
        yield say("described.late", locale)
    yield cycle_in_words(file.cycle, locale)
    if file.stages:
        stages = listed([stage.name for stage in file.stages], locale)
        yield say("described.stages", locale, stages=stages)
    if file.advisers:
        labels = {asked.id: asked.label for asked in file.questions_for(Role.MENTEE)}
        yield say("described.advisers", locale, question=labels[file.advisers.question])
    check_in = file.touchpoints.check_in
    every = _length(locale, days=check_in.every_days, months=check_in.every_months)
    first = _length(locale, days=check_in.first_day)
    before = _length(locale, days=closing.days_before_end)
    yield say("described.touchpoints", locale, first=first, every=every, before=before)
    if tip := file.touchpoints.tip:
        every = _length(locale, days=tip.every_days, months=tip.every_months)
        first, count = _length(locale, days=tip.first_day), len(file.tips)
        yield say("described.tips", locale, first=first, every=every, count=count)
    yield from _meetings(file, locale)
    if agreed := file.agreement:
        yield say("described.agreement", locale, ask=agreed.ask_day, due=agreed.due_day)
    hours = file.safeguarding.acknowledge_within_hours
    yield say("described.safeguarding", locale, hours=hours)
    if file.extension:
        months = listed([str(it) for it in file.extension.months], locale)
        yield say("described.extension", locale, months=months)
    if file.checklists:
        titles = listed([it.title for it in file.checklists], locale)
        yield say("described.checklists", locale, titles=titles)
    if file.coverage:
        yield say("described.coverage", locale, days=file.coverage.within_days)
    if file.goals:
        yield say("described.goals", locale)
    yield from _sessions(file, locale)
    for survey in file.surveys:
        yield _survey(survey, locale)
    signed = listed([it.name for it in file.certificate.signatories], locale)
    organisation = file.certificate.organisation
    yield say("described.certificate", locale, who=signed, organisation=organisation)
    if needs := file.certificate.requires:
        asked = {"minutes": needs.minutes, "sessions": needs.sessions, "surveys": needs.surveys}
        what = [
            say(f"described.requires.{it}", locale, needed=needed)
            for it, needed in asked.items()
            if needed
        ]
        yield say("described.certificate_requires", locale, what=listed(what, locale))
    if file.directory:
        yield say("described.directory", locale, shown=directory_shows(file, locale))
    if file.library:
        topics, count = listed(file.library.topics, locale), len(file.library.items)
        yield say("described.library", locale, topics=topics, count=count)
    if file.contacts:
        who = listed([it.name for it in file.contacts], locale)
        yield say("described.contacts", locale, who=who)


def _meetings(file: ProgrammeFile, locale: str) -> Iterator[Markup]:
    """What pairs are asked for, and what is kept of their meetings."""
    if (rules := file.meetings) is None:
        return
    formats = listed([say(f"meeting.format.{it}", locale) for it in rules.formats], locale)
    yield say("described.meetings", locale, formats=formats)
    if rules.least_hours:
        yield say("described.meeting_hours", locale, count=rules.least_hours)
    least = length_in_words(rules.least_minutes_each, partial(say, locale=locale))
    yield say("described.meeting_counts", locale, least=least)


def _survey(survey: Survey, locale: str) -> Markup:
    say_it = partial(say, locale=locale)
    opens = say_it("described.survey.on", on=survey.opens_on)
    if survey.opens_day is not None:
        opens = say_it("described.survey.after", count=survey.opens_day)
    kinds = ("mandatory", "anonymous", "afterwards")
    traits = [say_it(f"described.survey.{it}") for it in kinds if getattr(survey, it)]
    return say_it(
        "described.survey.one",
        title=survey.title,
        roles=listed([say_it(f"described.several.{it}") for it in survey.roles], locale),
        opens=opens,
        days=_length(locale, days=survey.days),
        minutes=survey.minutes,
        traits=Markup("".join(f" {it}" for it in traits)),
    )


def _sessions(file: ProgrammeFile, locale: str) -> Iterator[Markup]:
    """What takes place, for whom, and how often people are to come."""
    say_it = partial(say, locale=locale)
    for offer in file.sessions:
        dates = offer.dates
        yield say_it(
            "described.session.one",
            title=offer.title,
            kind=kind_in_words(offer, say_it),
            whom=say_it(f"described.session.whom.{offer.open_to}"),
            on=datetime.combine(dates[0], offer.at),
            times=say_it("described.session.times", count=len(dates), until=dates[-1]),
            where=where_in_words(offer, say_it),
        )
    if rule := file.attendance:
        kinds = listed([say_it(f"sessions.kind.{it}") for it in rule.kinds], locale)
        roles = listed([say_it(f"described.several.{it}") for it in rule.roles], locale)
        count = rule.each_month
        yield say_it("described.session.each_month", count=count, kinds=kinds, roles=roles)


def _ballot(file: ProgrammeFile, locale: str) -> Iterator[Markup]:
    """How people choose, and what others read of it."""
    matching, ballot = file.matching, file.matching.ballot
    if ballot is None:
        return
    at, length = ballot.opens_at or file.touchpoints.at, _length(locale, hours=ballot.hours)
    opening = next((it.title for it in file.sessions if it.opens_ballot), None)
    if opening is not None:
        yield say("described.ballot.by_session", locale, session=opening, length=length)
    elif ballot.opens_on is None:
        yield say("described.ballot.by_hand", locale, length=length)
    else:
        on, clock, zone = ballot.opens_on, f"{at:%H:%M}", file.time_zone
        yield say("described.ballot.opens", locale, on=on, at=clock, zone=zone, length=length)
    key = f"described.ballot.{matching.mode}"
    yield say(key, locale, count=ballot.choices)
    labels = {asked.id: asked.label for asked in file.form}
    shown = listed([labels[it] for it in ballot.shown], locale)
    yield say(f"described.ballot.{'shown' if shown else 'names_alone'}", locale, shown=shown)
    if ballot.reminder_hours < ballot.hours:
        before = _length(locale, hours=ballot.reminder_hours)
        yield say("described.ballot.reminder", locale, before=before)
    if matching.mode == "ranked":
        yield say(f"described.ballot.order.{ballot.order or 'greedy_maximum'}", locale)
    if matching.on:
        yield say("described.ballot.matched", locale, on=matching.on)
    yield say(f"described.ballot.seen.{ballot.choices_seen}", locale)


def cycle_in_words(cycle: CycleRules, locale: str) -> Markup:
    """How long people are paired, in a sentence."""
    if cycle.starts_on:
        return say("described.cycle.fixed", locale, starts=cycle.starts_on, ends=cycle.ends_on)
    length = _length(locale, days=cycle.days, weeks=cycle.weeks, months=cycle.months)
    return say(f"described.cycle.{cycle.repeats}", locale, length=length)


def _length(locale: str, **counts: int | None) -> Markup:
    """A length of time, given in one unit."""
    ((unit, count),) = [(unit, count) for unit, count in counts.items() if count]
    return say(f"described.{unit}", locale, count=count)
