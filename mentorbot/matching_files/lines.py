"""Where the parts of a problem stand that was put together from lines of other files."""

from collections.abc import Mapping

from mentorbot.domain.parts import Place
from mentorbot.domain.programme_source import Mistake


class Lines:
    """The file and the line that each part came from; others count as standing in the first."""

    def __init__(self, first: str, places: Mapping[Place, tuple[str, int]]) -> None:
        self._first = first
        self._places = places

    def mistake(self, place: Place, what: str) -> Mistake:
        """A mistake on the line that a place came from, or the nearest part of it that is known."""
        for length in range(len(place), 0, -1):
            if place[:length] in self._places:
                file, line = self._places[place[:length]]
                column = [it for it in place[length:] if isinstance(it, str)][-1:]
                return Mistake(line, 1, ", ".join([file, *column]), what)
        return Mistake(1, 1, ", ".join([self._first, *map(str, place)]), what)
