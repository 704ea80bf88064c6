"""What a programme's dates bring, in words: applications, the matching of all, stages, the end."""

from datetime import date
from typing import Any

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.content import Guide
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Role
from mentorbot.slack import blocks, buttons, ids
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.guides import guide_blocks
from mentorbot.slack.queue import looking_for
from mentorbot.slack.rendering import Outdated, Reading, Rendered, renders
from mentorbot.storage import applications
from mentorbot.usecases import applying, ballots, milestones
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.usecases.outlook import How, ballot_opens_at
from mentorbot.wording import Markup, escape


def _plain(text: Markup) -> Rendered:
    return Rendered(text, [blocks.section(text)])


def _told(params: dict[str, Any]) -> dict[str, Any]:
    """What a message was told when it was stored, with dates as dates."""
    return {
        name: date.fromisoformat(it) if name in ("on", "by") and it else it
        for name, it in params.items()
    }


@renders(MessageKind.MATCHING_AWAITED)
def _awaited(reading: Reading) -> Rendered:
    told = _told(reading.message.params)
    looking = looking_for(reading)
    is_asked = told["how"] == How.ON_REQUEST and reading.member().role is Role.MENTOR
    key = "awaiting.asked" if is_asked else f"awaiting.{told['how']}"
    lines = [reading.say(key, on=told["on"], looking=looking)]
    if _is_to_choose(reading, told["how"]):
        lines.append(reading.say("awaiting.by_choice"))
    return _plain(Markup(" ".join(lines)))


def _is_to_choose(reading: Reading, how: str) -> bool:
    """Whether a ballot is still to open in which the reader can vote."""
    if reading.member().role not in reading.file.matching.voters:
        return False
    has_date = ballot_opens_at(reading.tx, reading.file) is not None
    return how == How.BALLOT or (how == How.ON_DATE and has_date)


@renders(MessageKind.MATCHING_LEFT_OVER)
def _left_over(reading: Reading) -> Rendered:
    told = _told(reading.message.params)
    values = {"programme": reading.file.name, "looking": looking_for(reading)}
    return _plain(reading.say(f"left_over.{told['how']}", on=told["on"], **values))


@renders(MessageKind.MATCHING_DUE)
def _due(reading: Reading) -> Rendered:
    told = _told(reading.message.params)
    values = {"programme": reading.file.name, "by": told["by"], "count": told["days"]}
    waiting = {role: told[role] for role in ("mentors", "mentees")}
    is_planned = told["how"] in (How.ON_DATE, How.REVIEWED)
    key = "matching.due_on_date" if is_planned else "matching.due_no_date"
    if reading.file.matching.review is not None:
        key = "matching.due_reviewed" if is_planned else "matching.due_to_propose"
    if reading.file.matching.ballot is not None:
        key = "matching.due_by_ballot" if is_planned else "matching.due_no_ballot"
    lines = [
        reading.say("matching.due", **values, **waiting),
        reading.say(key, on=told["on"]),
    ]
    return _plain(Markup(" ".join(lines)))


@renders(MessageKind.MATCHING_DONE)
def _done(reading: Reading) -> Rendered:
    told = reading.message.params
    waiting = {role: told[role] for role in ("mentors", "mentees")}
    programme = reading.file.name
    key = "matching.done_groups" if reading.file.matching.group else "matching.done"
    text = reading.say(key, programme=programme, count=told["made"], **waiting)
    return _plain(text)


@renders(MessageKind.APPLICATIONS_CLOSED)
def _closed(reading: Reading) -> Rendered:
    told, values = reading.message.params, {"programme": reading.file.name}
    lines = [reading.say("window.closed", count=told["applied"], **values)]
    if told["to_review"]:
        lines.append(reading.say("window.to_review", count=told["to_review"]))
    return _plain(Markup(" ".join(lines)))


@renders(MessageKind.NEXT_ROUND_DUE)
def _next_round(reading: Reading) -> Rendered:
    told = _told(reading.message.params)
    return _plain(reading.say("window.next_due", programme=reading.file.name, on=told["on"]))


@renders(MessageKind.APPLICATIONS_OPEN)
def _open(reading: Reading) -> Rendered:
    until = reading.window.closes_on
    key = "window.open_until" if until else "window.open"
    text = reading.say(key, programme=reading.file.name, on=until)
    return Rendered(text, [blocks.section(text), buttons.role_buttons(reading.say)])


@renders(MessageKind.DRAFT_REMINDED)
def _draft(reading: Reading) -> Rendered:
    found = applications.application(reading.tx, reading.message.params["application_id"])
    until = reading.window.closes_on
    if found is None or until is None:
        raise LookupError("there is no draft to remind of")
    values = {"programme": reading.file.name, "on": until}
    text = reading.say("applying.draft_until", role=reading.say(f"role.{found.role}"), **values)
    go_on = reading.say("applying.go_on")
    button = blocks.button(go_on, ids.GO_ON, value=str(found.role), style="primary")
    return Rendered(text, [blocks.section(text), blocks.actions(button)])


@renders(MessageKind.STAGE_REACHED)
def _stage(reading: Reading) -> Rendered:
    stage = reading.file.stage(reading.message.params["stage"])
    if stage is None:
        raise Outdated
    text = reading.say("stage.reached", stage=stage.name, programme=reading.file.name)
    shown = [blocks.section(text)]
    if stage.guide is not None:
        shown += [blocks.section(reading.say("stage.guide")), *_guide(stage.guide)]
    if stage.starters:
        shown.append(blocks.section(reading.say("stage.starters")))
        shown += [blocks.section(f">{escape(line)}") for line in stage.starters]
    return Rendered(text, shown)


def _guide(guide: Guide) -> list[blocks.Block]:
    return guide_blocks([guide])


@renders(MessageKind.PROGRAMME_OVER)
def _over(reading: Reading) -> Rendered:
    role = reading.member().role or Role.MENTEE
    return _plain(reading.say(f"over.{role}", programme=reading.file.name))


def ask_to_match(call: Call, _rest: str) -> None:
    """`match now`: who waits, and a button that asks once more."""
    with call.read() as tx:
        file = milestones.check_match_now(tx, call.slack_user_id, call.now)
        left = milestones.left(tx, file.id)
        seen = milestones.last_matching(tx, file.id)
        by_score = file.matching.ballot is not None and ballots.to_be_matched(tx, file) is None
    key = "matching.ask_without_ballot" if by_score else "matching.ask"
    text = call.say(key, programme=file.name, **left)
    sure = blocks.confirm(
        call.say("matching.sure_title"),
        call.say("matching.sure_reviewed" if file.matching.review else "matching.sure"),
        call.say("matching.now"),
        call.say("cancel"),
    )
    now = call.say("matching.now")
    button = blocks.button(now, ids.MATCH_NOW, value=seen or None, style="primary", confirm=sure)
    call.ack(text=text, blocks=[blocks.section(text), blocks.actions(button)])


def match_now(call: Call) -> None:
    """The button was pressed: the heartbeat matches them, a few at a time."""
    with call.begin() as tx:
        seen = call.action.get("value", "")
        file = milestones.match_now(tx, call.slack_user_id, seen, call.now)
    call.bot.knock.set()
    text = call.say("matching.proposing" if file.matching.review else "matching.under_way")
    call.replace_message(text, [blocks.section(text)])


def tell_me(call: Call) -> None:
    """Somebody who is early would like to hear when applications open."""
    with call.begin_knowing_person() as tx:
        programme = programme_or_refuse(tx)
        on = applying.tell_when_open(tx, programme, call.slack_user_id, call.now)
    text = call.say("window.will_tell", on=on)
    title = call.say("applying.title")
    call.update_view(blocks.modal("notice", title, [blocks.section(text)], close=call.say("close")))


def register(app: App, bot: MentorBot) -> None:
    """Listen to what coordinators and early applicants press."""
    app.action(ids.MATCH_NOW)(guard(bot, match_now))
    app.action(ids.TELL_ME)(guard(bot, tell_me))
