"""Sessions: people say whether they come and send the room's code; coordinators see to the rest."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.attending import Answer, Session
from mentorbot.domain.errors import InvalidAnswers, WrongCode
from mentorbot.domain.permissions import Action
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.domain.sessions import SessionOffer
from mentorbot.domain.touchpoints import local_instant
from mentorbot.slack import blocks, home, ids, meant
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.progress import month_lines
from mentorbot.slack.rendering import mention
from mentorbot.slack.session_words import session_blocks, session_line
from mentorbot.storage import participants
from mentorbot.storage import sessions as stored
from mentorbot.storage.store import Transaction
from mentorbot.usecases import attending, permitted, placing, sessions
from mentorbot.usecases.attending import Coming
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.wording import Markup

MOST_SHOWN, TIMES_SHOWN = 15, 2
"""So many sessions are listed, and so many times of each to those who come."""
NAMES_SHOWN = 40


def show_sessions(call: Call, _rest: str = "") -> None:
    """`sessions`: what is coming, and what one has said of it."""
    with call.read() as tx:
        shown = _list_blocks(tx, call)
    title = call.say("sessions.title")
    if "command" in call.body:
        call.ack(text=title, blocks=shown)
    else:
        call.open_view(_list_view(call, shown))


def _list_view(call: Call, shown: list[blocks.Block]) -> blocks.Block:
    title = call.say("sessions.title")
    return blocks.modal(ids.SHOW_SESSIONS, title, shown, close=call.say("close"))


def _list_blocks(tx: Transaction, call: Call) -> list[blocks.Block]:
    file = attending.file_or_refuse(tx)
    found = attending.upcoming(tx, file, call.slack_user_id, call.now)
    zone = placing.zone_of(tx, file, call.slack_user_id)
    runs = permitted.may(tx, file.id, call.slack_user_id, Action.RUN)
    if not found:
        shown = [blocks.section(call.say("sessions.none", programme=file.name))]
    else:
        intro = call.say("sessions.intro", programme=file.name, zone=zone.replace("_", " "))
        shown = [blocks.section(intro)]
    some = (found if runs else attending.soon(found, TIMES_SHOWN))[:MOST_SHOWN]
    told: set[str] = set()
    for coming in some:
        is_new = coming.offer.id not in told
        told.add(coming.offer.id)
        shown += session_blocks(coming, zone, call.say, call.locale, runs=runs, in_full=is_new)
    if more := len(found) - len(some):
        shown.append(blocks.context(call.say("sessions.more", count=more)))
    member = participants.of_person(tx, file.id, call.slack_user_id)
    if member is not None and member.is_enrolled:
        months = attending.months(tx, file, member, call.now)
        kept = month_lines(months, call.say("months.sessions"), call.say, call.locale)
        shown += map(blocks.context, kept)
    if runs and (file.attendance or any(it.presence == "required" for it in file.sessions)):
        button = blocks.button(call.say("sessions.attendance"), ids.SHOW_ATTENDANCE)
        shown.append(blocks.actions(button))
    return shown


def say_yes(call: Call) -> None:
    """Somebody comes."""
    _answer(call, is_coming=True)


def say_no(call: Call) -> None:
    """Somebody does not come."""
    _answer(call, is_coming=False)


def _answer(call: Call, *, is_coming: bool) -> None:
    session_id = str(call.action.get("value", ""))
    with call.begin_knowing_person() as tx:
        given = attending.answer(
            tx, session_id, call.slack_user_id, is_coming=is_coming, now=call.now
        )
        text = _said(tx, call, given)
    is_list = call.body.get("view", {}).get("callback_id") == ids.SHOW_SESSIONS
    if is_list:
        with call.read() as tx:
            shown = _list_blocks(tx, call)
        call.update_view(_list_view(call, [blocks.section(text), blocks.divider(), *shown]))
    elif _is_alone(call):
        with call.read() as tx:
            file = attending.file_or_refuse(tx)
            zone = placing.zone_of(tx, file, call.slack_user_id)
        again = session_blocks(given, zone, call.say, call.locale, runs=False)
        call.replace_message(text, meant.stamped([blocks.section(text), *again[1:]], file.id))
    else:
        call.tell(text)
    home.refresh(call)


def _is_alone(call: Call) -> bool:
    """Whether the button stood in a message of the person's own, not in a list or a channel."""
    channel_id = (call.body.get("channel") or {}).get("id", "")
    is_ephemeral = call.body.get("container", {}).get("is_ephemeral")
    return channel_id.startswith("D") and not is_ephemeral


def _said(tx: Transaction, call: Call, given: Coming) -> Markup:
    file = attending.file_or_refuse(tx)
    zone = placing.zone_of(tx, file, call.slack_user_id)
    line = session_line(given.offer, given.session, zone, call.say, call.locale)
    return call.say(f"sessions.said.{given.answer or Answer.NOT_GOING}", session=line)


def send_code(call: Call, rest: str) -> None:
    """`here 123456`: somebody is in the room."""
    with call.begin_knowing_person() as tx:
        offer = attending.come_by_code(tx, call.slack_user_id, rest.replace(" ", ""), call.now)
    if offer is None:
        raise WrongCode
    call.tell(call.say("sessions.welcome", title=offer.title))
    home.refresh(call)


def make_up(call: Call) -> None:
    """Somebody has done what was asked of those who missed a session."""
    session_id = str(call.action.get("value", ""))
    with call.begin() as tx:
        offer = attending.made_up(tx, session_id, call.slack_user_id, call.now)
    text = call.say("sessions.made_up", title=offer.title)
    call.replace_message(text, [blocks.section(text)])


def manage(call: Call) -> None:
    """A session for those who run the programme: who comes, its code, when it is, who came."""
    with call.read() as tx:
        session_id = str(call.action.get("value", ""))
        file, offer, found = sessions.to_change(tx, session_id, call.slack_user_id)
        view = _manage_view(tx, call, file, offer, found)
    call.open_view(view)


def _manage_view(
    tx: Transaction, call: Call, file: ProgrammeFile, offer: SessionOffer, found: Session
) -> blocks.Block:
    line = session_line(offer, found, file.time_zone, call.say, call.locale)
    shown = [blocks.section(line)]
    rows = stored.of_session(tx, found.session_id)
    for answer in (Answer.GOING, Answer.WAITING, Answer.NOT_GOING):
        names = [it.slack_user_id for it in rows if it.answer is answer]
        shown += _names(call, f"sessions.who.{answer}", names)
    shown += _names(call, "sessions.who.came", [it.slack_user_id for it in rows if it.came])
    if found.cancelled_at is not None:
        title, off = call.say("sessions.one"), call.say("sessions.is_off")
        return blocks.modal("notice", title, [*shown, blocks.section(off)], close=call.say("close"))
    shown.append(blocks.section(call.say("sessions.code", code=found.code)))
    fields = _time_fields(call, file, found) if found.is_to_come(call.now) else _came_fields(call)
    return blocks.modal(
        ids.SESSION_FORM,
        call.say("sessions.one"),
        [*shown, blocks.divider(), *fields],
        submit=call.say("save"),
        close=call.say("cancel"),
        private_metadata=f"{found.session_id} {found.revision}",
    )


def _names(call: Call, key: str, slack_user_ids: Sequence[str]) -> list[blocks.Block]:
    if not slack_user_ids:
        return []
    said = [mention(it, call.locale) for it in slack_user_ids[:NAMES_SHOWN]]
    if more := len(slack_user_ids[NAMES_SHOWN:]):
        said.append(call.say("coordination.more", count=more))
    names = Markup(", ".join(said))
    return [blocks.section(call.say(key, count=len(slack_user_ids), names=names))]


def _time_fields(call: Call, file: ProgrammeFile, found: Session) -> list[blocks.Block]:
    local = found.starts_at.astimezone(file.zone)
    on = blocks.date_picker(initial=local.date().isoformat())
    at = blocks.time_picker(initial=f"{local:%H:%M}")
    off = blocks.checkboxes([blocks.option(call.say("sessions.call_off"), "off")])
    zone = call.say("sessions.zone_hint", zone=file.time_zone)
    return [
        blocks.field("on", call.say("sessions.on"), on, hint=call.say("sessions.move_hint")),
        blocks.field("at", call.say("sessions.begins_at"), at, hint=zone),
        blocks.field("off", call.say("sessions.or_off"), off, optional=True),
    ]


def _came_fields(call: Call) -> list[blocks.Block]:
    there, gone = call.say("sessions.there_were"), call.say("sessions.not_there")
    return [
        blocks.field("there", there, blocks.people_select(), optional=True),
        blocks.field("not_there", gone, blocks.people_select(), optional=True),
    ]


def save(call: Call) -> None:
    """The form of a session was sent: moved, called off, or who was there."""
    given = blocks.answers(call.view)
    session_id, _, revision = call.view["private_metadata"].partition(" ")
    with call.begin() as tx:
        file, _offer, found = sessions.to_change(tx, session_id, call.slack_user_id)
        sessions.check_revision(found, revision)
        if "on" not in given:
            there, gone = given.get("there") or [], given.get("not_there") or []
            attending.record(tx, session_id, call.slack_user_id, there, gone, call.now)
            text = call.say("sessions.recorded")
        elif given.get("off"):
            sessions.call_off(tx, session_id, call.slack_user_id, call.now)
            text = call.say("sessions.was_called_off")
        else:
            starts_at = _instant(given, file)
            found = sessions.move(tx, session_id, call.slack_user_id, starts_at, call.now)
            was_moved = str(found.revision) != revision
            text = call.say("sessions.was_moved" if was_moved else "sessions.recorded")
    call.tell(text)
    call.bot.knock.set()


def _instant(given: Mapping[str, Any], file: ProgrammeFile) -> datetime:
    missing = [it for it in ("on", "at") if not given.get(it)]
    if missing:
        raise InvalidAnswers({it: ("form.missing", {}) for it in missing})
    on, at = date.fromisoformat(given["on"]), time.fromisoformat(given["at"])
    return local_instant(on, at, file.time_zone)


def show_attendance(call: Call) -> None:
    """Who has come to what is asked of them, those who miss most first."""
    with call.read() as tx:
        programme = programme_or_refuse(tx)
        permitted.check(tx, programme.programme_id, call.slack_user_id, Action.RUN)
        file = parse_stored(programme.definition)
        board = attending.board(tx, file, call.now)
    lines = [
        call.say(
            "sessions.board",
            who=mention(it.slack_user_id, call.locale),
            came=it.came,
            asked=it.asked,
        )
        for it in board[: blocks.OPTIONS_MOST]
    ]
    shown = [blocks.section(call.say("sessions.board_intro", programme=file.name))]
    shown += blocks.bulleted(lines)
    if more := len(board[blocks.OPTIONS_MOST :]):
        shown.append(blocks.context(call.say("coordination.more", count=more)))
    title = call.say("sessions.attendance")
    call.open_view(blocks.modal("notice", title, shown, close=call.say("close")))


def register(app: App, bot: MentorBot) -> None:
    """Listen to those who come, and those who run the sessions."""
    app.action(ids.SHOW_SESSIONS)(guard(bot, show_sessions))
    app.action(ids.SESSION_YES)(guard(bot, say_yes))
    app.action(ids.SESSION_NO)(guard(bot, say_no))
    app.action(ids.SESSION_DONE)(guard(bot, make_up))
    app.action(ids.MANAGE_SESSION)(guard(bot, manage))
    app.action(ids.SHOW_ATTENDANCE)(guard(bot, show_attendance))
    app.view(ids.SESSION_FORM)(guard(bot, save))
