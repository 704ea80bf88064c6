"""The time-zone data that this process reads: where from, how old, and whether it is whole."""

import re
import zoneinfo
from collections.abc import Iterable, Iterator
from datetime import date
from importlib import import_module
from pathlib import Path

from mentorbot.domain.findings import Finding, ill, well

MOST_YEARS = 2
"""Countries change their clocks at a few months' notice; data from before that is a guess."""
SAMPLE = ("Europe/London", "America/Toronto", "Asia/Kolkata")
_VERSION = re.compile(r"(\d{4})[a-z]+")


def of_zones(wanted: Iterable[str], today: date) -> Iterator[Finding]:
    """Whether zones can be read, and are not too old."""
    missing = [name for name in sorted({*SAMPLE, *wanted}) if not _is_readable(name)]
    version = iana_version()
    if missing:
        yield ill("zones_missing", zones=", ".join(missing))
    elif version is None:
        yield well("zones_of_system")
    elif today.year - int(version[:4]) > MOST_YEARS:
        yield ill("zones_old", version=version)
    else:
        yield well("zones", version=version)


def iana_version() -> str | None:
    """The release that is read, such as `2025b`; None where the system does not tell.

    The system's files come before those of the package tzdata, as in `zoneinfo`.
    """
    folder = next((f for f in map(Path, zoneinfo.TZPATH) if (f / SAMPLE[0]).is_file()), None)
    if folder is None:
        try:
            said = str(import_module("tzdata").IANA_VERSION)
        except ImportError:
            return None
    else:
        said = _first_line(folder / "tzdata.zi") or _first_line(folder / "+VERSION")
    found = _VERSION.search(said)
    return found.group() if found else None


def _is_readable(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo.no_cache(name)
    except (OSError, ValueError, zoneinfo.ZoneInfoNotFoundError):
        return False
    return True


def _first_line(file: Path) -> str:
    try:
        with file.open(encoding="utf-8") as opened:
            return opened.readline()
    except (OSError, ValueError):
        return ""
