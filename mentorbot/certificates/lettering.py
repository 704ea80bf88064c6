"""Make people's own text fit to print: one line, no control characters, safe in a path."""

import re
import unicodedata
from collections.abc import Iterable

LONGEST_FILE_NAME_BYTES = 180
JOINERS = "\u200c\u200d"
DIRECTION_MARKS = "\u200e\u200f\u061c"
PICTOGRAPHS = re.compile("[\u2190-\u2bff\ufe00-\ufe0f\U0001f000-\U0001faff]")
PATH_CHARACTERS = re.compile(r'[\\/:*?"<>|]+')


def printable(text: str) -> str:
    """One line of text that can be set: pictographs and control characters left out."""
    drawn = "".join(filter(_is_drawn, _one_line(text)))
    return " ".join((drawn if _has_letters(drawn) else _one_line(text)).split())


def safe_file_name(parts: Iterable[str], suffix: str) -> str:
    """Join the parts with dashes into a name that every common file system takes.

    The middle parts give way when the whole is longer than 180 bytes of UTF-8.
    """
    first, *middle, last = (PATH_CHARACTERS.sub(" ", _one_line(part)) for part in parts)
    ends = f"{first} –  – {last}{suffix}"
    room = LONGEST_FILE_NAME_BYTES - len(ends.encode())
    shortened = " – ".join(middle).encode()[: max(room, 0)].decode(errors="ignore")
    return f"{' '.join(f'{first} – {shortened} – {last}'.split())}{suffix}"


def _one_line(text: str) -> str:
    spaced = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text))
    kept = (mark for mark in spaced if _is_safe(mark))
    return "".join(kept).strip()


def _is_safe(mark: str) -> bool:
    """Overrides of direction would turn round the text that follows; joiners shape letters."""
    if mark in JOINERS or mark in DIRECTION_MARKS:
        return True
    return unicodedata.category(mark) not in {"Cc", "Cf", "Cs", "Co", "Cn"}


def _is_drawn(mark: str) -> bool:
    """Slack names carry emoji and dingbats, for which a certificate has no type."""
    return not PICTOGRAPHS.match(mark)


def _has_letters(text: str) -> bool:
    return bool(text.strip(JOINERS + DIRECTION_MARKS + " "))
