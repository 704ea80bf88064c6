"""When people can apply to a programme, as somebody's own clock shows it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from mentorbot.domain.programme import ProgrammeFile
from mentorbot.domain.touchpoints import local_instant


class Opening(StrEnum):
    """Whether people can apply now; `ALWAYS` they simply choose a role."""

    ALWAYS = "always"
    EARLY = "early"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True)
class Window:
    """When people can apply; the opening to come, the end, and the next opening where one is known.

    Each is a date where a reader's clock agrees with the programme's, and else the instant at which
    it begins or ends on the reader's own clock.
    """

    opening: Opening
    opens_on: date | None = None
    closes_on: date | None = None
    next_on: date | None = None

    @property
    def is_closed(self) -> bool:
        """Whether the last day on which people could apply is over."""
        return self.opening is Opening.CLOSED


ALWAYS = Window(Opening.ALWAYS)


def window_of(file: ProgrammeFile, now: datetime, time_zone: str) -> Window:
    """When people can apply for a role, or choose one, for somebody with a clock in a zone."""
    rules = file.application
    if rules is None:
        return ALWAYS
    next_on = rules.next_opens_on
    if next_on is not None and _midnight(file, next_on) <= now:
        next_on = None
    return Window(
        _opening(file, now),
        _as_read(file, rules.opens_on, rules.opens_on, time_zone),
        _as_read(file, rules.closes_on, _after(rules.closes_on), time_zone),
        _as_read(file, next_on, next_on, time_zone),
    )


def _opening(file: ProgrammeFile, now: datetime) -> Opening:
    if not file.applies_in_slack:
        return Opening.ALWAYS
    opening_at = opens_at(file)
    if opening_at is not None and now < opening_at:
        return Opening.EARLY
    return Opening.CLOSED if has_closed(file, now) else Opening.OPEN


def has_closed(file: ProgrammeFile, now: datetime) -> bool:
    """Whether the last day on which applications are taken is over."""
    closes_on = file.application.closes_on if file.application else None
    return closes_on is not None and now.astimezone(file.zone).date() > closes_on


def opens_at(file: ProgrammeFile) -> datetime | None:
    """The instant from which applications are taken; None where they always were."""
    opens_on = file.application.opens_on if file.application else None
    return _midnight(file, opens_on) if opens_on else None


def _after(on: date | None) -> date | None:
    return on + timedelta(days=1) if on else None


def _midnight(file: ProgrammeFile, on: date) -> datetime:
    return local_instant(on, time(), file.time_zone)


def _as_read(
    file: ProgrammeFile, on: date | None, begins_on: date | None, time_zone: str
) -> date | None:
    """A date of the programme, or on another clock the instant at which a day begins there."""
    if on is None or begins_on is None:
        return None
    at = _midnight(file, begins_on)
    theirs = at.astimezone(ZoneInfo(time_zone))
    is_same_clock = theirs.utcoffset() == at.astimezone(file.zone).utcoffset()
    return on if is_same_clock else theirs
