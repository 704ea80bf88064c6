"""How dates follow one another: so many days or months on, months counted from an anchor."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Step:
    """From one occurrence to the next: a number of days or, where `months` is not 0, of months."""

    days: int = 0
    months: int = 0

    def after(self, on: date, anchor_day: int, times: int = 1) -> date:
        """The date some steps after another; `anchor_day` is the day of the month that is meant.

        A month that lacks that day ends on its last: from 31 January come 28 February, 31 March,
        30 April. Days take no notice of an anchor.
        """
        if not self.months:
            return on + timedelta(days=self.days * times)
        years, month = divmod(on.month - 1 + self.months * times, 12)
        return _in_month(on.year + years, month + 1, anchor_day)


def anchor_day_of(on: date, meant: int) -> int:
    """The day of the month that a date stands for: `meant`, where the month was too short for it.

    So a chain of dates keeps its anchor, and one whose rule has changed begins a new one.
    """
    return meant if on == _in_month(on.year, on.month, meant) else on.day


def _in_month(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, monthrange(year, month)[1]))
