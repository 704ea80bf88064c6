"""What coordinators see and do: people, pairs, feedback, a certificate by override."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.errors import NobodyNamed, RevocationUnclear
from mentorbot.domain.meetings import Meeting, MeetingRules, minutes_counted, months_met
from mentorbot.domain.messages import MAIL, MessageKind, is_mail
from mentorbot.domain.model import ParticipantState, Programme
from mentorbot.domain.permissions import Action
from mentorbot.domain.programme import parse_stored
from mentorbot.slack import blocks, ids
from mentorbot.slack.ballots import choice_in_words
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.introductions import reasons_in_words
from mentorbot.slack.progress import length_in_words, missed_months
from mentorbot.slack.rendering import Reading, Rendered, mention, renders
from mentorbot.storage import applications, meetings, reports
from mentorbot.storage.store import Transaction
from mentorbot.usecases import agreements, certificates, permitted, voting
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.wording import Markup, full_date, listed

LINES_SHOWN = 60
UNREACHED = {
    (False, False): "coordination.unreachable",
    (False, True): "coordination.perhaps_unreached",
    (True, False): "coordination.unreachable_by_mail",
    (True, True): "coordination.perhaps_unreached_by_mail",
}
"""What is said of a message, by whether it went by e-mail and whether it may have arrived."""
FEEDBACK_SHOWN = 20
Row = TypeVar("Row")
_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>\s*(.*)", re.DOTALL)


@renders(MessageKind.UNREACHABLE)
def _unreachable(reading: Reading) -> Rendered:
    params = reading.message.params
    who = listed([_who(reading, slack_id) for slack_id in params["whom"]], reading.locale)
    in_doubt = params.get("in_doubt", False)
    text = reading.say(
        UNREACHED[is_mail(params["whom"]), in_doubt],
        who=who,
        what=reading.say(f"kind.{params['what']}"),
        why=params["why"],
    )
    return Rendered(text, [blocks.section(text)])


def _who(reading: Reading, slack_id: str) -> Markup | str:
    if is_mail([slack_id]):
        found = applications.application(reading.tx, slack_id.removeprefix(MAIL))
        return (found.name or found.email if found else None) or reading.say("person.erased")
    return Markup(f"<#{slack_id}>") if slack_id.startswith(("C", "G")) else mention(slack_id)


def _allowed(tx: Transaction, call: Call, action: Action) -> Programme:
    """The programme, for those who may do something in it."""
    programme = programme_or_refuse(tx)
    permitted.check(tx, programme.programme_id, call.slack_user_id, action)
    return programme


def _report(
    call: Call, action: Action, rows_of: Callable[[Transaction, str], list[Row]]
) -> list[Row]:
    """The rows of a report, for those who may read it."""
    with call.read() as tx:
        return rows_of(tx, _allowed(tx, call, action).programme_id)


def show_people(call: Call, _rest: str = "") -> None:
    """`people`: everyone with their role, state and load."""
    rows = _report(call, Action.SEE_PEOPLE, reports.people)
    lines = [
        call.say(
            "coordination.person",
            who=mention(row.slack_user_id),
            role=call.say(f"role.{row.role}"),
            state=_state(call, row),
            partners=row.partners,
            capacity=row.capacity,
        )
        for row in rows
    ]
    _show_lines(call, call.say("coordination.people"), lines)


def _state(call: Call, row: reports.PersonRow) -> Markup:
    if row.state is ParticipantState.PAUSED:
        return call.say("coordination.state.paused")
    if row.waiting_since_at is not None and row.partners == 0:
        since = full_date(row.waiting_since_at.date(), call.locale)
        return call.say("coordination.state.waiting", since=since)
    return call.say("coordination.state.active")


def show_pairs(call: Call, _rest: str = "") -> None:
    """`pairs`: every running pairing, why it was made and how its check-ins went."""
    with call.read() as tx:
        programme = _allowed(tx, call, Action.SEE_PAIRS)
        rows = reports.pairs(tx, programme.programme_id)
        may_see = voting.sees_choices(tx, programme, call.slack_user_id)
        rules = parse_stored(programme.definition).meetings
        names = [it.pairing.pairing_id for it in rows]
        held = meetings.of_pairings(tx, names) if rules else {}
        asks = parse_stored(programme.definition).agreement is not None
        signed = agreements.signed_among(tx, names) if asks else None
    lines = [
        call.say(
            "coordination.pair",
            mentor=mention(row.mentor),
            mentee=listed([mention(it) for it in row.mentees], call.locale),
            since=full_date(row.pairing.starts_on, call.locale),
            until=full_date(row.pairing.ends_on, call.locale),
            answers=_answers(call, row),
            why=_why(call, row, with_choice=may_see),
            met=_met(call, rules, row, held.get(row.pairing.pairing_id)),
            agreed=_agreed(call, signed, row.pairing.pairing_id),
        )
        for row in rows
    ]
    _show_lines(call, call.say("coordination.pairs"), lines)


def _agreed(call: Call, signed: set[str] | None, pairing_id: str) -> Markup:
    """Whether a pair's agreement is signed, where the programme asks for one; never its words."""
    if signed is None:
        return Markup("")
    key = "signed" if pairing_id in signed else "unsigned"
    return Markup(f" {call.say(f'coordination.agreement.{key}')}")


def _met(
    call: Call, rules: MeetingRules | None, row: reports.PairRow, held: Sequence[Meeting] | None
) -> Markup:
    """How often and how long a pair has met, where the programme takes that down."""
    if rules is None or held is None:
        return Markup("")
    length = length_in_words(minutes_counted(rules, held), call.say)
    met = call.say("meeting.met", count=len(held))
    told = call.say("coordination.met", met=met, length=length)
    today = call.now.date()
    months = months_met(rules, held, row.pairing.starts_on, row.pairing.ends_on, today)
    missed = missed_months(months, call.locale)
    without = (
        f" {call.say('months.missed', what=call.say('months.meetings'), months=missed)}"
        if missed
        else ""
    )
    return Markup(f" {told}{without}")


def _why(call: Call, row: reports.PairRow, *, with_choice: bool) -> Markup:
    """Why a pair was made; which choice it was stays with those who take no part themselves."""
    reasons = row.pairing.reasons
    why = reasons_in_words(reasons, call.locale)
    choice = choice_in_words(reasons, call.locale) if with_choice else None
    return why if choice is None else Markup(f"{why} ({choice})")


def _answers(call: Call, row: reports.PairRow) -> Markup:
    """How the check-ins went; who is in the pair does not read what their partner said."""
    if call.slack_user_id in (row.mentor, *row.mentees):
        return call.say("coordination.own_pair")
    said = [call.say(f"check_in.short.{answer}") for answer in row.answers]
    return listed(said, call.locale) or call.say("coordination.no_answers")


def show_feedback(call: Call, _rest: str = "") -> None:
    """`feedback`: what mentees said of their mentors, newest first; nobody reads their own."""
    rows = _report(call, Action.SEE_FEEDBACK, partial(reports.feedback, most=FEEDBACK_SHOWN))
    texts = [
        call.say(
            "coordination.feedback_line",
            mentee=mention(row.mentee, call.locale),
            mentor=mention(row.mentor, call.locale),
            rating=call.say(f"feedback.rating.{row.feedback.rating}"),
            helped_with=row.feedback.helped_with,
            could_improve=row.feedback.could_improve or "–",
        )
        for row in rows
        if row.mentor != call.slack_user_id
    ]
    title = call.say("coordination.feedback")
    nobody = [blocks.section(call.say("coordination.nobody"))]
    shown = [blocks.section(text) for text in texts] or nobody
    _show(call, title, [blocks.section(f"*{title}*"), *shown])


def _show_lines(call: Call, title: str, lines: list[Markup]) -> None:
    shown = [blocks.section(f"*{title}*"), *blocks.bulleted(lines[:LINES_SHOWN])]
    if not lines:
        shown.append(blocks.section(call.say("coordination.nobody")))
    if len(lines) > LINES_SHOWN:
        more = len(lines) - LINES_SHOWN
        shown.append(blocks.context(call.say("coordination.more", count=more)))
    _show(call, title, shown)


def _show(call: Call, title: str, shown: list[blocks.Block]) -> None:
    """An ephemeral after a command, a modal after a button."""
    if "command" in call.body:
        call.ack(text=title, blocks=shown)
    else:
        call.open_view(blocks.modal("notice", title, shown, close=call.say("close")))


def show_certificates_owed(call: Call) -> None:
    """Mentors whose cycle closed without a certificate."""
    rows = _report(call, Action.CERTIFY, reports.certificates_owed)
    lines = [
        call.say(
            "coordination.certificate_owed",
            who=mention(row.mentor),
            until=full_date(row.ended_at.date(), call.locale),
        )
        for row in rows
    ]
    _show_lines(call, call.say("coordination.certificates_owed"), lines)


def override_certificate(call: Call, rest: str) -> None:
    """`certificate @mentor reason`: where feedback never came; alone, it shows who still waits.

    `certificate revoke @mentor reason` takes one back.
    """
    if not rest:
        show_certificates_owed(call)
        return
    word, _space, named = rest.partition(" ")
    if word.casefold() == "revoke":
        _revoke_certificate(call, named.strip())
        return
    with call.read() as tx:
        _allowed(tx, call, Action.CERTIFY)
    found = _MENTION.fullmatch(rest)
    if found is None:
        raise NobodyNamed
    mentor, reason = found[1], found[2]
    with call.begin() as tx:
        programme = _allowed(tx, call, Action.CERTIFY)
        certificates.override(
            tx, programme.programme_id, mentor, reason, call.slack_user_id, call.now
        )
    call.tell(call.say("coordination.certificate_sent", who=mention(mentor)))


def _revoke_certificate(call: Call, rest: str) -> None:
    with call.begin() as tx:
        programme = _allowed(tx, call, Action.CERTIFY)
        found = _MENTION.fullmatch(rest)
        if found is None:
            raise RevocationUnclear
        mentor, reason = found[1], found[2]
        revoked = certificates.revoke(
            tx, programme.programme_id, mentor, reason, call.slack_user_id, call.now
        )
    on = full_date(revoked.issued_at.date(), call.locale)
    call.tell(call.say("coordination.certificate_revoked", who=mention(mentor), on=on))


def register(app: App, bot: MentorBot) -> None:
    """Listen to coordinators' buttons."""
    app.action(ids.SHOW_PEOPLE)(guard(bot, show_people))
    app.action(ids.SHOW_PAIRS)(guard(bot, show_pairs))
    app.action(ids.SHOW_FEEDBACK)(guard(bot, show_feedback))
