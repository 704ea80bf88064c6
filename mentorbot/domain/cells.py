"""What the cells of a form's export say: dates, instants, several options in one."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache

DATE = re.compile(r"(\d{1,4})([/.-])(\d{1,2})\2(\d{1,4})")
_MOMENT = re.compile(
    r"(?P<day>\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4})[ T,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:\.\d+)?)?\s*(?P<half>[ap]\.?m\.?)?"
    r"\s*(?P<zone>Z|(?:GMT|UTC)?(?P<offset>[+-]\d{1,2})?(?::?(?P<part>\d{2}))?)?",
    re.IGNORECASE,
)
_MOST_PARTS = 100


@lru_cache(maxsize=4096)
def words(text: str) -> str:
    """The words of a text: small letters and digits, with single spaces."""
    return " ".join(re.sub(r"[\W_]+", " ", folded(text)).split())


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """A text in small letters with single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def day_of(text: str, day_first: bool) -> date | None:
    """A date of a form's export, such as 2026-01-31, 1/31/2026 or 31.1.2026; None for others."""
    found = DATE.fullmatch(text)
    if found is None:
        return None
    first, last = int(found[1]), int(found[4])
    if len(found[1]) == 4:
        year, month, day = first, int(found[3]), last
    else:
        one, other = (int(found[3]), first) if day_first else (first, int(found[3]))
        year, month, day = last + (2000 if last < 100 else 0), one, other
    try:
        return date(year, month, day)
    except ValueError:
        return None


def moment_of(text: str, day_first: bool) -> datetime | None:
    """A date and time of a form's export, with its zone where it says one; None for others."""
    found = _MOMENT.fullmatch(text)
    day = day_of(found["day"], day_first) if found else None
    if found is None or day is None:
        return None
    hour, half = int(found["hour"]), (found["half"] or "")[:1].lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    clock = f"{hour:02}:{found['minute']}:{found['second'] or '00'}"
    try:
        return datetime.fromisoformat(f"{day.isoformat()}T{clock}{_zone(found)}")
    except ValueError:
        return None


def _zone(found: re.Match[str]) -> str:
    if not found["zone"]:
        return ""
    offset = found["offset"] or "+00"
    return f"{offset[0]}{int(offset[1:]):02}:{found['part'] or '00'}"


def several(cell: str, options: Mapping[str, str]) -> list[str]:
    """The options in a cell, parted by semicolons or commas; options may hold commas themselves."""
    parts = [part.strip() for part in cell.split(";") if part.strip()]
    if len(parts) > 1 or ";" in cell:
        return [options.get(folded(part), part) for part in parts]
    return _parted_by_commas(cell, options)


def _parted_by_commas(cell: str, options: Mapping[str, str]) -> list[str]:
    parts, found = cell.strip().split(",", _MOST_PARTS), list[str]()
    while parts:
        for count in range(len(parts), 0, -1):
            text = ",".join(parts[:count])
            if folded(text) in options or count == 1:
                found.append(options.get(folded(text), text.strip()))
                parts = parts[count:]
                break
    return [it for it in found if it]
