"""A table as somebody exported it: its encoding, its delimiter, and its rows, good and bad.

A quote that is never closed costs its own line and none of those after it.
"""

import codecs
import csv
import io
import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, NamedTuple, TextIO

from mentorbot.domain.errors import ImportRefused

MOST_CHARACTERS = 131_000
"""The longest row that is read; the csv module takes no cell that is longer."""
MOST_COLUMNS = 500
DELIMITERS = (",", ";", "\t")
UNCLOSED, TOO_LONG, UNREADABLE, MISFIT = (
    "imports.unclosed",
    "imports.too_long",
    "imports.unreadable",
    "imports.misfit",
)
_BLOCK = 1 << 20
_SAMPLE = 30
_WORKBOOK = b"PK\x03\x04"
_NO_TEXT = re.compile("[\x00\ufffd]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Row(NamedTuple):
    """A row: the line it begins on, from 1, and its cells, or the wording key of its fault."""

    line: int
    cells: list[str]
    fault: str | None = None


class _Line(NamedTuple):
    number: int
    text: str
    is_too_long: bool = False


@dataclass(frozen=True)
class Table:
    """A table in a stream that can be read again from its beginning."""

    stream: BinaryIO
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    header_line: int

    def rows(self) -> Iterator[Row]:
        """The rows after the header, one by one; blank lines are none."""
        with _as_text(self.stream, self.encoding) as text:
            for row in _rows(_lines(text), self.delimiter, len(self.header)):
                if row.line > self.header_line:
                    yield row


def open_table(stream: BinaryIO) -> Table:
    """Find out how a table is written; raises ImportRefused for what is none."""
    encoding = sniff_encoding(stream)
    with _as_text(stream, encoding) as text:
        sample = [it for it in islice(_lines(text), _SAMPLE) if it.text.strip()]
    if not sample:
        raise ImportRefused("imports.empty")
    named = re.fullmatch(r"sep=(.)", sample[0].text.strip())
    if named:
        sample = sample[1:]
    delimiter = named[1] if named else _delimiter(sample)
    first = next(_rows(sample, delimiter, None), None)
    if first is None or first.fault or len(first.cells) > MOST_COLUMNS:
        raise ImportRefused("imports.no_header")
    header = tuple(clean_name(cell) for cell in first.cells)
    for number, name in enumerate(header):
        if name and name in header[:number]:
            raise ImportRefused("imports.twice", column=name)
    return Table(stream, encoding, delimiter, header, first.line)


def sniff_encoding(stream: BinaryIO) -> str:
    """The encoding of a whole stream: UTF-8 where all of it is, UTF-16, else Windows-1252.

    Raises ImportRefused for a workbook, which is no text.
    """
    stream.seek(0)
    block = stream.read(_BLOCK)
    if block.startswith(_WORKBOOK):
        raise ImportRefused("imports.workbook")
    if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    head = block[:1000]
    if head and head.count(0) * 3 > len(head):
        return "utf-16-be" if head[0] == 0 else "utf-16-le"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while block:
            decoder.decode(block)
            block = stream.read(_BLOCK)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def clean_name(text: str) -> str:
    """A column's name with plain single spaces; forms put other ones in."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def neutral(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula.

    Source: OWASP, "CSV Injection".
    """
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


@contextmanager
def _as_text(stream: BinaryIO, encoding: str) -> Iterator[TextIO]:
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="")
    try:
        yield text
    finally:
        text.detach()


def _lines(text: TextIO) -> Iterator[_Line]:
    """Lines with their numbers; of one that is too long only the beginning."""
    number = 0
    while line := text.readline(MOST_CHARACTERS):
        number += 1
        rest = line
        while _goes_on(rest):
            rest = text.readline(MOST_CHARACTERS)
        is_too_long = rest is not line
        yield _Line(number, line[:100] if is_too_long else line, is_too_long)


def _goes_on(part: str) -> bool:
    return len(part) == MOST_CHARACTERS and not part.endswith(("\n", "\r"))


def _rows(lines: Iterable[_Line], delimiter: str, width: int | None) -> Iterator[Row]:
    """Rows of the width of the header; the first row is as wide as it is."""
    source, again = iter(lines), deque[_Line]()
    while (first := again.popleft() if again else next(source, None)) is not None:
        if not first.text.strip():
            continue
        held, is_closed = _whole(first, source, again)
        row = _row(held, delimiter, width) if is_closed else _faulty(first, UNCLOSED)
        if row.fault and len(held) > 1:
            again.extendleft(reversed(held[1:]))
            row = _faulty(first, UNCLOSED)
        yield row


def _whole(first: _Line, source: Iterator[_Line], again: deque[_Line]) -> tuple[list[_Line], bool]:
    """The lines up to the one that closes every quote; False where none does."""
    held = [first]
    is_open, size = first.text.count('"') % 2 == 1, len(first.text)
    while is_open and size <= MOST_CHARACTERS and not held[-1].is_too_long:
        line = again.popleft() if again else next(source, None)
        if line is None:
            break
        held.append(line)
        is_open, size = line.text.count('"') % 2 == 0, size + len(line.text)
    return held, not is_open


def _row(held: list[_Line], delimiter: str, width: int | None) -> Row:
    first = held[0]
    if any(line.is_too_long for line in held):
        return _faulty(first, TOO_LONG)
    text = "".join(line.text for line in held)
    if _NO_TEXT.search(text):
        return _faulty(first, UNREADABLE)
    try:
        cells = next(csv.reader(_split(text), delimiter=delimiter, strict=True))
    except (csv.Error, StopIteration):
        return _faulty(first, UNCLOSED)
    if width is not None:
        while len(cells) > width and not cells[-1].strip():
            cells.pop()
        if len(cells) != width:
            return Row(first.number, cells, MISFIT)
    return Row(first.number, cells)


def _split(text: str) -> Iterable[str]:
    """The lines of one row, as the csv module wants them."""
    return io.StringIO(text, newline="") if '"' in text else (text.rstrip("\r\n"),)


def _faulty(line: _Line, fault: str) -> Row:
    return Row(line.number, [line.text.rstrip("\r\n")], TOO_LONG if line.is_too_long else fault)


def _delimiter(sample: list[_Line]) -> str:
    """The delimiter by which the most rows are as wide as the first."""

    def fit(delimiter: str) -> tuple[int, int]:
        widths = [len(row.cells) for row in _rows(sample, delimiter, None) if not row.fault]
        if not widths or widths[0] == 1:
            return 0, 0
        return widths.count(widths[0]), widths[0]

    return max(DELIMITERS, key=fit)
