"""The programme's calendar: a list, a file, and a private address that calendars subscribe to."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.calendars import Day, calendar_file
from mentorbot.certificates.lettering import safe_file_name
from mentorbot.domain.attending import Answer
from mentorbot.domain.dates import Dated
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.slack import blocks, ids
from mentorbot.slack.buttons import Say
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.rendering import (
    Attachment,
    Reading,
    Rendered,
    mention,
    renders,
)
from mentorbot.slack.session_words import calendar_entry, short_line
from mentorbot.storage import feeds, people
from mentorbot.storage.store import Transaction
from mentorbot.usecases import attending, calendar, placing
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.wording import Markup, full_date, listed, plain, say

DATES_SHOWN = 30
PATH = "/calendar"


def calendar_button(say_it: Say) -> blocks.Block:
    """The button that shows what is coming."""
    return blocks.button(say_it("calendar.title"), ids.SHOW_CALENDAR)


def show(call: Call, _rest: str = "") -> None:
    """`calendar`, or the button: what is coming, and how it comes into one's own calendar."""
    with call.read() as tx:
        file = parse_stored(programme_or_refuse(tx).definition)
        lines = _lines(tx, file, call)
        has_feed = feeds.has_one(tx, call.slack_user_id)
    call.open_view(_view(call, file, lines, has_feed=has_feed))


def _lines(tx: Transaction, file: ProgrammeFile, call: Call) -> list[str]:
    zone = placing.zone_of(tx, file, call.slack_user_id)
    dated: list[tuple[date, str]] = [
        (it.on, _line(it, call.say, call.locale))
        for it in calendar.dates_of(tx, file, call.slack_user_id, call.now)
    ]
    for coming in attending.upcoming(tx, file, call.slack_user_id, call.now):
        if coming.is_for_me:
            on = coming.session.starts_at.astimezone(file.zone).date()
            dated.append((on, short_line(coming, zone, call.say, call.locale)))
    return [line for _on, line in sorted(dated, key=lambda it: it[0])][:DATES_SHOWN]


def _line(found: Dated, say_it: Say, locale: str) -> Markup:
    who = listed([mention(it, locale) for it in found.with_whom], locale)
    what = say_it(f"calendar.kind.{found.kind}", partner=who)
    return say_it("calendar.line", on=full_date(found.on, locale), what=what)


def _view(call: Call, file: ProgrammeFile, lines: Sequence[str], *, has_feed: bool) -> blocks.Block:
    intro = call.say("calendar.intro" if lines else "calendar.nothing", programme=file.name)
    row = [blocks.button(call.say("calendar.file"), ids.CALENDAR_FILE)]
    if call.bot.settings.mentorbot_public_url:
        row.append(blocks.button(call.say("calendar.subscribe"), ids.SUBSCRIBE))
    if has_feed:
        row.append(blocks.button(call.say("calendar.unsubscribe"), ids.UNSUBSCRIBE))
    shown = [blocks.section(intro), *blocks.bulleted(lines), blocks.actions(*row)]
    return blocks.modal("notice", call.say("calendar.title"), shown, close=call.say("close"))


def send_file(call: Call) -> None:
    """Send the dates as a file."""
    with call.begin() as tx:
        programme = programme_or_refuse(tx)
        calendar.ask_for_file(tx, programme.programme_id, call.slack_user_id, call.now)
    call.replace_message(call.say("calendar.on_its_way"), [])


def subscribe(call: Call) -> None:
    """Show a new private address; it is shown once, for we keep only what it is known by."""
    token = secrets.token_urlsafe(24)
    with call.begin() as tx:
        calendar.subscribe(tx, call.slack_user_id, token, call.now)
        workspace_id = tx.workspace_id
    address = f"{call.bot.settings.mentorbot_public_url}{PATH}/{workspace_id}/{token}.ics"
    call.replace_message(call.say("calendar.address", address=Markup(address)), [])


def unsubscribe(call: Call) -> None:
    """Take the address back."""
    with call.begin() as tx:
        calendar.unsubscribe(tx, call.slack_user_id)
    call.replace_message(call.say("calendar.taken_back"), [])


def content_of(
    tx: Transaction,
    files: Sequence[ProgrammeFile],
    slack_user_id: str,
    now: datetime,
    locale: str,
) -> bytes:
    """Somebody's dates of some programmes as a calendar, with the sessions that are for them.

    A session that they have said no to is left out.
    """

    def say_it(key: str, **values: object) -> Markup:
        return say(key, locale, **values)

    days, entries = [], []
    for file in files:
        for it in calendar.dates_of(tx, file, slack_user_id, now):
            who = people.names(tx, list(it.with_whom)).values()
            what = say_it(f"calendar.kind.{it.kind}", partner=listed(list(who), locale))
            title = f"{plain(file.name)}: {plain(what)}"
            days.append(Day(it.uid, title, it.on, it.known_at))
        for coming in attending.upcoming(tx, file, slack_user_id, now):
            if coming.is_for_me and coming.answer is not Answer.NOT_GOING:
                known_at = coming.session.starts_at - timedelta(days=365)
                entries.append(calendar_entry(coming.offer, coming.session, known_at, say_it))
    name = ", ".join(plain(file.name) for file in files)
    return calendar_file(entries, files[0].time_zone, name, days)


@renders(MessageKind.CALENDAR_FILE)
def _file(reading: Reading) -> Rendered:
    who, at = reading.message.recipients[0], reading.message.created_at
    content = content_of(reading.tx, [reading.file], who, at, reading.locale)
    on = at.astimezone(reading.file.zone).date().isoformat()
    parts = (on, plain(reading.file.name), reading.message.message_id[-6:])
    text = reading.say("calendar.here", programme=reading.file.name)
    attachment = Attachment(safe_file_name(parts, ".ics"), plain(reading.file.name), content)
    return Rendered(text, [blocks.section(text)], attachment)


def register(app: App, bot: MentorBot) -> None:
    """Listen to those who look at the calendar."""
    app.action(ids.SHOW_CALENDAR)(guard(bot, show))
    app.action(ids.CALENDAR_FILE)(guard(bot, send_file))
    app.action(ids.SUBSCRIBE)(guard(bot, subscribe))
    app.action(ids.UNSUBSCRIBE)(guard(bot, unsubscribe))
