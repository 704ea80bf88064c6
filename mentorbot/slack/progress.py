"""What a pair has met so far, in words, and the buttons that take a meeting down."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from mentorbot.domain.meetings import Format, Meeting, MeetingRules, Progress, Told
from mentorbot.domain.months import Month
from mentorbot.slack import blocks, ids
from mentorbot.slack.buttons import Say
from mentorbot.wording import Markup, day, month

LOGGED_BY = {
    ids.LOG_BY_VIDEO: Format.VIDEO,
    ids.LOG_IN_PERSON: Format.IN_PERSON,
    ids.LOG_BY_PHONE: Format.PHONE,
    ids.LOG_BY_CHAT: Format.CHAT,
}
"""The buttons that log a meeting of the usual length today, each with its format."""


def length_in_words(minutes: int, say_it: Say) -> Markup:
    """A length such as "1 hour 30 minutes"."""
    hours, rest = divmod(minutes, 60)
    whole, part = say_it("meeting.hours", count=hours), say_it("meeting.minutes", count=rest)
    if not hours or not rest:
        return whole if hours else part
    return say_it("meeting.length", hours=whole, minutes=part)


def meeting_in_words(told: Told | Meeting, say_it: Say, locale: str) -> Markup:
    """A meeting such as "1 hour by video on Monday, 23 November"."""
    return say_it(
        "meeting.one",
        length=length_in_words(told.minutes, say_it),
        format=say_it(f"meeting.format.{told.format}"),
        on=day(told.met_on, locale),
    )


def told_of(params: Mapping[str, Any]) -> Told:
    """A meeting as a message carries it."""
    next_on = params["next_on"] and date.fromisoformat(params["next_on"])
    met_on = date.fromisoformat(params["met_on"])
    return Told(met_on, params["minutes"], Format(params["format"]), next_on or None)


def progress_lines(rules: MeetingRules, found: Progress, say_it: Say, locale: str) -> list[str]:
    """How often and how long a pair has met, of what is asked for, and when it meets next.

    Where a meeting was too short to count, it says so.
    """
    lines: list[str] = [_so_far(rules, found, say_it)]
    if found.too_short:
        least = length_in_words(rules.least_minutes_each, say_it)
        lines.append(say_it("meeting.uncounted", count=found.too_short, least=least))
    if found.next_on:
        lines.append(say_it("meeting.next", on=day(found.next_on, locale)))
    return [*lines, *month_lines(found.months, say_it("months.meetings"), say_it, locale)]


def month_lines(months: Sequence[Month], what: Markup, say_it: Say, locale: str) -> list[Markup]:
    """What somebody has kept in the months so far, such as "Meetings", where that is asked."""
    if not months:
        return []
    now, lines = months[-1], []
    if now.came >= now.asked or not now.is_over:
        key = "months.kept" if now.came >= now.asked else "months.to_come"
        on = month(now.first_on, locale)
        lines.append(say_it(key, what=what, month=on, came=now.came, asked=now.asked))
    if missed := missed_months(months, locale):
        lines.append(say_it("months.missed", what=what, months=missed))
    return lines


def missed_months(months: Sequence[Month], locale: str) -> Markup:
    """The months that are over in which less was kept than was asked; empty where there is none."""
    missed = [month(it.first_on, locale) for it in months if it.is_over and it.came < it.asked]
    return Markup(", ".join(missed))


def _so_far(rules: MeetingRules, found: Progress, say_it: Say) -> Markup:
    if not found.times:
        return say_it("meeting.none_yet")
    met = say_it("meeting.met", count=found.times)
    length, least = length_in_words(found.minutes, say_it), (rules.least_hours or 0) * 60
    if not least:
        return say_it("meeting.so_far", met=met, length=length)
    if found.minutes >= least:
        return say_it("meeting.enough", met=met, length=length)
    asked = length_in_words(least, say_it)
    return say_it("meeting.so_far_of", met=met, length=length, asked=asked)


def log_buttons(rules: MeetingRules, pairing_id: str, say_it: Say) -> blocks.Block:
    """A button for each format, which logs a meeting of the usual length, and one for others."""
    length = length_in_words(rules.usual_minutes, say_it)
    row = [
        blocks.button(
            say_it("meeting.tap", length=length, format=say_it(f"meeting.format.{each}")),
            action_id,
            value=pairing_id,
        )
        for action_id, each in LOGGED_BY.items()
        if each in rules.formats
    ]
    other = blocks.button(say_it("meeting.other"), ids.OPEN_MEETING, value=pairing_id)
    return blocks.actions(*row, other)


def correct_button(meeting_id: str, say_it: Say) -> blocks.Block:
    """The button that opens a meeting to be corrected."""
    return blocks.button(say_it("meeting.correct"), ids.CORRECT_MEETING, value=meeting_id)


def log_button(pairing_id: str | None, say_it: Say) -> blocks.Block:
    """The button that asks what a meeting was like; without a pairing it asks with whom, too."""
    return blocks.button(say_it("meeting.log"), ids.OPEN_MEETING, value=pairing_id)
