"""A library of things worth reading, by topic and place."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from mentorbot.domain.content import Link
from mentorbot.domain.parts import Identifier, Line, OptionText, Part, Place

Places = Annotated[tuple[OptionText, ...], Field(max_length=20)]


class Resource(Part):
    """A page worth knowing; with `places`, for people who are there or on their way."""

    title: Line
    url: Link
    topic: OptionText
    places: Places = ()


class Library(Part):
    """What is offered with the check-ins, one page each time, and on request.

    `place_question` is the question whose answer says where somebody is.
    """

    place_question: Identifier | None = None
    items: tuple[Resource, ...] = Field(min_length=1, max_length=200)

    def faults(self, asked: Sequence[str]) -> Iterator[tuple[Place, str]]:
        """A question that nobody is asked, places without one, and a page that comes twice."""
        if self.place_question is not None and self.place_question not in asked:
            yield ("place_question",), f"the form has no question {self.place_question!r}"
        for number, item in enumerate(self.items):
            if item.places and self.place_question is None:
                yield ("items", number, "places"), "places need place_question, which is not there"
            if item.url in {other.url for other in self.items[:number]}:
                yield ("items", number, "url"), "this page stands there twice"

    @property
    def topics(self) -> tuple[str, ...]:
        """Every topic, in the order of the file."""
        return tuple(dict.fromkeys(item.topic for item in self.items))

    def fitting(self, answers: Mapping[str, Any]) -> list[Resource]:
        """What is for somebody with these answers: of their place first, then for everywhere."""
        here = _words(answers.get(self.place_question or ""))
        near = [it for it in self.items if any(_words(place) <= here for place in it.places)]
        return near + [it for it in self.items if not it.places]

    def offered(self, answers: Mapping[str, Any], occurrence: int) -> Resource | None:
        """What goes with a check-in, counted from 1; None once everything has been offered."""
        fitting = self.fitting(answers)
        return fitting[occurrence - 1] if occurrence <= len(fitting) else None

    def found(self, words: str, answers: Mapping[str, Any]) -> list[Resource]:
        """What has all of some words in its title, topic or places; what fits goes first."""
        wanted = _words(words)
        fitting = self.fitting(answers)
        both = [*fitting, *(it for it in self.items if it not in fitting)]
        return [it for it in both if all(_stands_in(word, it) for word in wanted)]


def _words(given: Any) -> frozenset[str]:
    """The words of an answer, or of several, in small letters."""
    text = " ".join(map(str, given)) if isinstance(given, list | tuple) else str(given or "")
    return frozenset(text.casefold().replace(",", " ").split())


def _stands_in(word: str, item: Resource) -> bool:
    return any(known.startswith(word) for known in _words([item.title, item.topic, *item.places]))
