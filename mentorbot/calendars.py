"""Calendar files that Google, Outlook and Apple calendars take in (iCalendar, RFC 5545)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from icalendar import Event

CONTENT_TYPE = "text/calendar; charset=utf-8"


@dataclass(frozen=True)
class Entry:
    """An appointment; `uid` is the same whenever it is told again, and `revision` then higher.

    Instants are aware; `changed_at` is when it became what it is.
    """

    uid: str
    revision: int
    title: str
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    about: str = ""
    place: str = ""
    url: str = ""
    is_off: bool = False


@dataclass(frozen=True)
class Day:
    """A date without an hour, such as the last day of a pairing."""

    uid: str
    title: str
    on: date
    changed_at: datetime
    about: str = ""


def calendar_file(
    entries: Sequence[Entry], time_zone: str, name: str = "", days: Sequence[Day] = ()
) -> bytes:
    """Appointments and days as one file, on the clocks of a zone whose rules it carries.

    A single one that is called off tells calendars to take it out. The same entries give the same
    bytes.
    """
    from icalendar import Calendar  # takes a tenth of a second, which few commands need

    found = Calendar()
    is_off = len(entries) == 1 and entries[0].is_off
    for key, value in (
        ("prodid", "-//MentorBot//Sessions//EN"),
        ("version", "2.0"),
        ("method", "CANCEL" if is_off else "PUBLISH"),
    ):
        found.add(key, value)
    if name:
        found.add("x-wr-calname", name)
    for entry in entries:
        found.add_component(_event(entry, ZoneInfo(time_zone)))
    for day in days:
        found.add_component(_day(day))
    if entries:
        years = [entry.starts_at.year for entry in entries]
        first_on, last_on = date(min(years) - 1, 1, 1), date(max(years) + 1, 12, 31)
        found.add_missing_timezones(first_date=first_on, last_date=last_on)
    return bytes(found.to_ical())


def _day(day: Day) -> "Event":
    from icalendar import Event

    found = Event()
    for key, value in (
        ("uid", f"{day.uid}@mentorbot"),
        ("dtstamp", day.changed_at),
        ("dtstart", day.on),
        ("dtend", day.on + timedelta(days=1)),
        ("transp", "TRANSPARENT"),
        ("summary", day.title),
        ("description", day.about),
    ):
        if value != "":
            found.add(key, value)
    return found


def _event(entry: Entry, zone: ZoneInfo) -> "Event":
    from icalendar import Event

    found = Event()
    for key, value in (
        ("uid", f"{entry.uid}@mentorbot"),
        ("sequence", entry.revision),
        ("status", "CANCELLED" if entry.is_off else "CONFIRMED"),
        ("dtstamp", entry.changed_at),
        ("dtstart", entry.starts_at.astimezone(zone)),
        ("dtend", entry.ends_at.astimezone(zone)),
        ("summary", entry.title),
        ("description", entry.about),
        ("location", entry.place),
        ("url", entry.url),
    ):
        if value != "":
            found.add(key, value)
    return found
