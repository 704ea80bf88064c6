"""App Home: where I stand, my pairing, what is next and when."""

from functools import partial
from zoneinfo import ZoneInfo

import structlog
from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.model import ApplicationState, ParticipantState, Role
from mentorbot.domain.pace import cadence_of
from mentorbot.domain.permissions import Action
from mentorbot.domain.windows import Opening
from mentorbot.slack import blocks, buttons, ids, match_review, meant
from mentorbot.slack.ballots import own_lines, vote_button
from mentorbot.slack.buttons import Say
from mentorbot.slack.calendar import calendar_button
from mentorbot.slack.certificates import certificate_needs
from mentorbot.slack.concerns import report_button
from mentorbot.slack.contacts import contacts_line
from mentorbot.slack.described import directory_shows
from mentorbot.slack.guard import UNANSWERED, Call, guard
from mentorbot.slack.home_rows import around_buttons, together_buttons
from mentorbot.slack.places import next_steps, where_it_stands
from mentorbot.slack.progress import month_lines, progress_lines
from mentorbot.slack.session_words import short_line
from mentorbot.slack.survey_words import survey_lines
from mentorbot.slack.windows import next_round, way_back
from mentorbot.storage import participants
from mentorbot.usecases.attending import soon
from mentorbot.usecases.outlook import How
from mentorbot.usecases.standing import Partnership, Standing, standing
from mentorbot.wording import Markup, day, full_date, listed, moment, say

log = structlog.get_logger(__name__)
COORDINATORS_SHOWN = 10
SESSIONS_SHOWN = 3
_AWAITED = {
    How.ON_DATE: "standing.matching_awaited",
    How.REVIEWED: "standing.matching_reviewed",
    How.IN_REVIEW: "standing.matching_in_review",
    How.BALLOT: "standing.matching_by_ballot",
    How.LATER: "standing.matching_later",
    How.OVER: "standing.matching_over",
}


def status_lines(found: Standing, locale: str) -> list[str]:
    """Where somebody stands, a line for each thing; App Home and `status` share them."""
    held = found.participant
    if held is None or found.role is None:
        return _lines_without_role(found, locale)
    lines: list[str] = [say("standing.role", locale, role=say(f"role.{found.role}", locale))]
    if stage := found.file.stage(held.stage):
        lines.append(say("standing.stage", locale, stage=stage.name))
    if held.state is ParticipantState.PAUSED:
        lines.append(_paused(found, locale))
    if found.guidelines_owed is not None:
        lines.append(say("standing.guidelines_owed", locale))
    lines += [line for p in found.partnerships for line in _partnership_lines(found, p, locale)]
    has_pair = any(p.pairing.is_active for p in found.partnerships)
    if found.queue_place is not None:
        key = "standing.room_for_more" if has_pair else "standing.waiting"
        if not found.outlook.is_at_once:
            key = _AWAITED[found.outlook.how]
        looking = say(f"role.{found.role.counterpart}", locale)
        values = {"place": found.queue_place, "looking": looking, "on": found.outlook.on}
        lines.append(say(key, locale, **values))
    if found.has_asked:
        lines.append(say("requests.open", locale, count=found.has_asked))
    if found.to_answer:
        lines.append(say("requests.to_do", locale, count=found.to_answer))
    if found.outlook.how is How.ON_REQUEST and found.role is Role.MENTEE and not has_pair:
        lines.append(say("awaiting.on_request", locale))
    if found.file.directory is not None and found.role is Role.MENTOR:
        lines.append(say("directory.listed", locale, shown=directory_shows(found.file, locale)))
    if found.ballot is not None:
        lines += own_lines(found.ballot, partial(say, locale=locale), _zone(found), locale)
    return lines + _application_lines(found, locale)


def _lines_without_role(found: Standing, locale: str) -> list[str]:
    lines = _application_lines(found, locale)
    if found.is_over:
        lines.insert(0, say("standing.over", locale, programme=found.file.name))
    if found.is_half_way:
        lines.append(say("standing.half_way", locale))
    if lines:
        return lines
    if found.has_ended:
        following = next_round(found.file, found.window, locale)
        return [str(say("standing.ended", locale, programme=found.file.name, next=following))]
    if found.window.is_closed:
        following = next_round(found.file, found.window, locale)
        return [str(say("standing.closed", locale, on=found.window.closes_on, next=following))]
    if found.window.opening is Opening.EARLY:
        return [str(say("standing.early", locale, on=found.window.opens_on))]
    key = "standing.no_role" if found.file.matching.on is None else "standing.no_role_dated"
    if found.file.applies_in_slack:
        key = "standing.not_applied"
    return [str(say(key, locale))]


def _application_lines(found: Standing, locale: str) -> list[str]:
    say_it = partial(say, locale=locale)
    stands = [where_it_stands(it, found.file, found.window, say_it, locale) for it in found.applied]
    numbers = [say_it("selecting.your_number", number=it) for it in found.draw_numbers]
    tickets = [say_it("selecting.your_ticket", ticket=it) for it in found.tickets]
    return [*stands, *numbers, *tickets]


def _paused(found: Standing, locale: str) -> Markup:
    held = found.participant
    until = held.paused_until_at if held else None
    if until is None:
        return say("standing.paused", locale)
    on = until.astimezone(ZoneInfo(_zone(found))).date()
    return say("standing.paused_until", locale, until=day(on, locale))


def _zone(found: Standing) -> str:
    return found.person.time_zone if found.person else found.file.time_zone


def _partnership_lines(found: Standing, partnership: Partnership, locale: str) -> list[str]:
    partner = listed([Markup(f"<@{user}>") for user in partnership.partners], locale)
    pairing = partnership.pairing
    until = full_date(pairing.ends_on, locale)
    key = "standing.pairing" if pairing.is_active else "standing.pairing_over"
    lines: list[str] = [say(key, locale, partner=partner, until=until)]
    if partnership.next_kind and partnership.next_at:
        what = say(f"next.{partnership.next_kind}", locale)
        when = moment(partnership.next_at, _zone(found), locale)
        lines.append(say("standing.next", locale, what=what, when=when))
    elif partnership.closing_has_come and pairing.is_active and _is_asked(found, partnership):
        lines.append(say("standing.closing", locale, until=until))
    if pairing.is_active and (every := cadence_of(pairing)) is not None:
        lines.append(say("standing.cadence", locale, every=say(f"cadence.every.{every}", locale)))
    rules = found.file.meetings
    if rules is not None and partnership.meetings is not None and pairing.is_active:
        say_it = partial(say, locale=locale)
        lines += progress_lines(rules, partnership.meetings, say_it, locale)
    return lines


def _is_asked(found: Standing, partnership: Partnership) -> bool:
    """Whether the closing wants anything of somebody; after a last cycle nobody chooses."""
    return partnership.owes_feedback or not found.file.cycle.is_once


def home_view(found: Standing | None, locale: str) -> blocks.Block:
    """The Home tab for a person."""

    def say_it(key: str, **values: object) -> Markup:
        return say(key, locale, **values)

    if found is None:
        return {"type": "home", "blocks": [blocks.section(say_it("standing.not_set_up"))]}
    shown = [
        blocks.header(found.file.name),
        blocks.section("\n".join(status_lines(found, locale))),
        *_vote(found, say_it),
        *_surveys(found, say_it, locale),
        *_sessions(found, say_it, locale),
        *_to_do(found, say_it),
        *_buttons(found, say_it, locale),
        *_advisers(found, say_it),
        *_certificates(found, say_it, locale),
        *_coordination(found, say_it),
        blocks.divider(),
        blocks.actions(calendar_button(say_it), report_button(say_it)),
        blocks.context(" ".join(_footer(found, say_it, locale))),
        *contacts_line(found.file, locale),
    ]
    return {"type": "home", "blocks": shown[:100]}


def _footer(found: Standing, say_it: Say, locale: str) -> list[Markup]:
    """Whom to turn to, and where to read on."""
    who = [Markup(f"<@{user}>") for user in found.coordinators[:COORDINATORS_SHOWN]]
    named = [say_it("standing.coordinators", who=listed(who, locale), count=len(who))]
    return [*(named if who else []), say_it("standing.footer")]


def _vote(found: Standing, say_it: Say) -> list[blocks.Block]:
    if found.ballot is None or not found.ballot.is_open:
        return []
    return [blocks.actions(vote_button(say_it, has_voted=found.ballot.has_voted))]


def _surveys(found: Standing, say_it: Say, locale: str) -> list[blocks.Block]:
    waiting = [it for it in found.surveys if it.answers is None]
    return [row for it in waiting for row in survey_lines(it, _zone(found), say_it, locale)]


def _sessions(found: Standing, say_it: Say, locale: str) -> list[blocks.Block]:
    """The next sessions, and a way to say whether one comes."""
    if not found.file.sessions:
        return []
    mine = [it for it in found.sessions if it.is_for_me]
    some = soon(mine, 1)[:SESSIONS_SHOWN]
    lines: list[str] = [short_line(it, _zone(found), say_it, locale) for it in some]
    lines += month_lines(found.months, say_it("months.sessions"), say_it, locale)
    if not lines and not found.may:
        return []
    row = blocks.actions(blocks.button(say_it("sessions.title"), ids.SHOW_SESSIONS))
    return [*blocks.bulleted(lines), row]


def _to_do(found: Standing, say_it: Say) -> list[blocks.Block]:
    shown: list[blocks.Block] = []
    asked: set[int] = set()  # the choice is one for each cycle, however many partners
    for partnership in found.partnerships:
        if partnership.closing_has_come:
            cycle = partnership.pairing.cycle_number
            shown += buttons.asks(
                say_it,
                partnership.pairing,
                owes_feedback=partnership.owes_feedback,
                wish=partnership.wish,
                with_choice=cycle not in asked and not found.file.cycle.is_once,
            )
            asked.add(cycle)
    return shown


def _buttons(found: Standing, say_it: Say, locale: str) -> list[blocks.Block]:
    """What somebody with a role can press: with their partner, to find and read, for themselves."""
    held = found.participant
    if held is None or found.role is None:
        return _ways_in(found, say_it, locale)
    shown: list[blocks.Block] = []
    if with_partner := together_buttons(found, say_it):
        shown += [blocks.context(say_it("standing.together")), blocks.actions(*with_partner)]
    shown.append(blocks.context(say_it("standing.around")))
    shown.append(blocks.actions(*around_buttons(found, say_it)))
    own = _own_buttons(found, say_it, locale)
    shown += [blocks.context(say_it("standing.yourself")), blocks.actions(*own)]
    return [*shown, *_application_steps(found, say_it, locale)]


def _own_buttons(found: Standing, say_it: Say, locale: str) -> list[blocks.Block]:
    held, role = found.participant, found.role or Role.MENTEE
    row = [blocks.button(say_it("enrolment.change_details"), ids.CHANGE_DETAILS)]
    if found.guidelines_owed is not None or _has_offer(found):
        read = say_it("enrolment.read_guidelines")
        row.insert(0, blocks.button(read, ids.READ_GUIDELINES, style="primary"))
    if held is not None and held.state is ParticipantState.PAUSED:
        row.append(blocks.button(say_it("pauses.resume"), ids.RESUME, style="primary"))
    else:
        row.append(blocks.button(say_it("pauses.pause"), ids.PAUSE))
    if role.counterpart in found.open_roles:
        other = ids.JOIN_AS_MENTEE if role is Role.MENTOR else ids.JOIN_AS_MENTOR
        row.append(blocks.button(say_it(f"enrolment.become.{role.counterpart}"), other))
    return [*row, buttons.leave_button(say_it, way_back(found, locale, brief=True))]


def _has_offer(found: Standing) -> bool:
    """Whether only the guidelines keep somebody with a role from another."""
    given = (it for it in found.applied if it.application.state is ApplicationState.SELECTED)
    return found.is_half_way and any(it.is_told for it in given)


def _ways_in(found: Standing, say_it: Say, locale: str) -> list[blocks.Block]:
    """What somebody without a role can press: one step on, and a role that is open to them."""
    rows = _application_steps(found, say_it, locale)
    if found.is_half_way:
        finish = blocks.button(
            say_it("enrolment.read_guidelines"), ids.READ_GUIDELINES, style="primary"
        )
        rows.insert(0, blocks.actions(finish))
    if found.open_roles:
        rows.append(buttons.role_buttons(say_it, found.open_roles))
    return rows


def _application_steps(found: Standing, say_it: Say, locale: str) -> list[blocks.Block]:
    back = way_back(found, locale, brief=True)
    steps = [row for it in found.applied for row in next_steps(it, say_it, back)]
    asked = [blocks.actions(buttons.confidential_button(say_it, it)) for it in found.confidential]
    return [*steps, *asked]


def show_standing(call: Call, found: Standing) -> None:
    """Answer a command or a click with where somebody stands, and what they can do next."""
    lines = status_lines(found, call.locale)
    shown = [blocks.section(line) for line in lines]
    steps = _ways_in if found.role is None else _application_steps
    shown += _surveys(found, call.say, call.locale)
    shown += _sessions(found, call.say, call.locale)
    shown += [*_vote(found, call.say), *steps(found, call.say, call.locale)]
    if "command" in call.body:
        call.ack(text="\n".join(lines), blocks=shown)
    else:
        title = call.say("applying.title")
        call.open_view(blocks.modal("notice", title, shown, close=call.say("close")))


def _advisers(found: Standing, say_it: Say) -> list[blocks.Block]:
    if not found.file.specialties:
        return []
    return [blocks.actions(blocks.button(say_it("advice.button"), ids.SHOW_ADVISERS))]


def _certificates(found: Standing, say_it: Say, locale: str) -> list[blocks.Block]:
    needs = certificate_needs(found.certificate_lacks, locale)
    if not found.certificates:
        return [blocks.section(needs)] if needs else []
    lines = [
        say_it(
            "standing.certificate_revoked" if held.revoked_at else "standing.certificate",
            from_on=full_date(held.period_from_on, locale),
            to_on=full_date(held.period_to_on, locale),
        )
        for held in found.certificates[-10:]
    ]
    given = blocks.section(f"*{say_it('standing.certificates')}*\n{blocks.bullets(lines)}")
    return [blocks.section(needs), given] if needs else [given]


def _coordination(found: Standing, say_it: Say) -> list[blocks.Block]:
    if not found.may:
        return []
    shown = [blocks.divider(), blocks.header(say_it("standing.coordination"))]
    if Action.OVERSEE in found.may:
        cycle = found.cycle
        none = "standing.evergreen" if found.file.cycle.is_evergreen else "standing.no_cycle"
        key = "standing.cycle" if cycle else none
        number = say_it(key, number=cycle.number if cycle else 0)
        shown.append(blocks.section(f"{number} {say_it('standing.overview', **found.overview)}"))
    offered = (
        (Action.SEE_PEOPLE, "coordination.people", ids.SHOW_PEOPLE),
        (Action.SEE_PAIRS, "coordination.pairs", ids.SHOW_PAIRS),
        (Action.SEE_FEEDBACK, "coordination.feedback", ids.SHOW_FEEDBACK),
        (Action.APPOINT, "team.title", ids.SHOW_TEAM),
        (Action.OVERSEE, "oversight.title", ids.SHOW_OVERSIGHT),
    )
    row = [
        blocks.button(say_it(key), action_id)
        for action, key, action_id in offered
        if action in found.may
    ]
    if Action.MATCH in found.may and found.file.matching.ballot is not None:
        row.append(blocks.button(say_it("ballot.title"), ids.SHOW_BALLOT))
    if Action.REVIEW_MATCHING in found.may and found.has_pairs_to_review:
        row.append(match_review.review_button(say_it))
    if Action.SEE_FEEDBACK in found.may and found.file.surveys:
        row.append(blocks.button(say_it("surveys.all"), ids.SHOW_SURVEYS))
    if Action.REVIEW in found.may and found.file.application is not None:
        review = say_it("reviewing.button", count=found.to_review)
        row.append(blocks.button(review, ids.REVIEW, style="primary" if found.to_review else None))
    return [*shown, blocks.actions(*row)] if row else shown


def publish(call: Call) -> None:
    """Put a fresh Home tab before the person, with every programme that runs here."""
    with call.read() as tx:
        found = [
            standing(tx, call.slack_user_id, call.now, it.programme_id)
            for it in participants.programmes(tx)
        ]
    view = whole_home([it for it in found if it is not None], call.locale)
    call.client.views_publish(user_id=call.slack_user_id, view=view)


def whole_home(found: list[Standing], locale: str) -> blocks.Block:
    """The Home tab of somebody in some programmes, those in which they have a role first."""
    if not found:
        return home_view(None, locale)
    shown: list[blocks.Block] = []
    for it in sorted(found, key=lambda it: it.role is None):
        own = home_view(it, locale)["blocks"]
        shown += meant.stamped(own, it.programme.programme_id)
    return {"type": "home", "blocks": shown[:100]}


def refresh(call: Call) -> None:
    """Publish after a change that is saved already: a failure is logged, the change stands."""
    try:
        publish(call)
    except UNANSWERED as error:
        log.warning("home.not_refreshed", error=type(error).__name__)


def opened(call: Call) -> None:
    """Somebody looks at App Home."""
    if call.body["event"].get("tab", "home") == "home":
        call.know_person()
        publish(call)


def register(app: App, bot: MentorBot) -> None:
    """Listen to App Home."""
    app.event("app_home_opened")(guard(bot, opened))
