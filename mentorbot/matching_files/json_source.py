"""The text of a JSON file, with the line of every value, so that mistakes have one."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from mentorbot.domain.errors import InvalidMatchingFile
from mentorbot.domain.parts import Place
from mentorbot.domain.programme_source import Mistake

MOST_BYTES = 500_000_000
_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


class JsonSource:
    """A text that is JSON: an object without a word that stands twice, and without NaN."""

    def __init__(self, text: str) -> None:
        """Raises InvalidMatchingFile with the first place that keeps it from being read."""
        self.text = text
        try:
            data = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
        except json.JSONDecodeError as error:
            where = Mistake(error.lineno, error.colno, "file", f"this is not JSON: {error.msg}")
            raise InvalidMatchingFile([str(where)]) from error
        except (ValueError, RecursionError) as error:
            said = "nested too deeply" if isinstance(error, RecursionError) else str(error)
            raise InvalidMatchingFile([said]) from error
        if not isinstance(data, dict):
            raise InvalidMatchingFile(["line 1: the file has to be an object: {…}"])

    def mistake(self, place: Place, what: str) -> Mistake:
        """A mistake at a place, or at the nearest part of it that is there."""
        at, path = self._start(0), list[str]()
        shown = at
        for step in place:
            child = next(((k, v) for name, k, v in self._children(at) if name == step), None)
            if child is not None:
                shown, at = child
                path.append(str(step))
        missing = [str(it) for it in place[-1:] if what.startswith("missing")]
        line = self.text.count("\n", 0, shown) + 1
        column = shown - self.text.rfind("\n", 0, shown)
        return Mistake(line, column, ".".join([*path, *missing]) or "file", what)

    def _children(self, at: int) -> Iterator[tuple[str | int, int, int]]:
        """What is inside the value at a place: its name, where that stands, where its value does.

        The text was read before, so that it is known to be JSON.
        """
        opening = self.text[at]
        if opening not in "{[":
            return
        at, number = self._start(at + 1), 0
        while self.text[at] not in "}]":
            begin = at
            name: str | int = number
            if opening == "{":
                name, at = _DECODER.raw_decode(self.text, at)
                at = self._start(self._start(at) + 1)
            yield name, begin, at
            at = self._start(_DECODER.raw_decode(self.text, at)[1])
            at = self._start(at + 1) if self.text[at] == "," else at
            number += 1

    def _start(self, at: int) -> int:
        found = _SPACE.match(self.text, at)
        return found.end() if found else at


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for number, name in enumerate(names) if name in names[:number])
        raise ValueError(f"{twice!r} stands twice in one object")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")
