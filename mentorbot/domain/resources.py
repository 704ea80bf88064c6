"""A library of things worth reading, by topic and place."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from mentorbot.domain.content import Link
from mentorbot.domain.parts import Identifier, Line, OptionText, Part, Place

Places = Annotated[tuple[OptionText, ...], Field(max_length=20)]


class Resource(Part):
    """A page worth knowing; with `places`, for people who are there or on their way.

    With `stages` it is for mentees in these alone. With `goals`, words such as "surgery", it comes
    first for those whose own goals have one of them.
    """

    title: Line
    url: Link
    topic: OptionText
    places: Places = ()
    stages: Annotated[tuple[Identifier, ...], Field(max_length=10)] = ()
    goals: Annotated[tuple[OptionText, ...], Field(max_length=20)] = ()


class Library(Part):
    """What is offered with the check-ins, one page each time, and on request.

    `place_question` is the question whose answer says where somebody is.
    """

    place_question: Identifier | None = None
    items: tuple[Resource, ...] = Field(min_length=1, max_length=200)

    def faults(
        self, asked: Sequence[str], stages: Sequence[str] = ()
    ) -> Iterator[tuple[Place, str]]:
        """A question that nobody is asked, places without one, stages that the file has not, and a
        page that comes twice.
        """
        if self.place_question is not None and self.place_question not in asked:
            yield ("place_question",), f"the form has no question {self.place_question!r}"
        for number, item in enumerate(self.items):
            if item.places and self.place_question is None:
                yield ("items", number, "places"), "places need place_question, which is not there"
            for stage in item.stages:
                if stage not in stages:
                    yield ("items", number, "stages"), f"there is no stage {stage!r}"
            if item.url in {other.url for other in self.items[:number]}:
                yield ("items", number, "url"), "this page stands there twice"

    @property
    def topics(self) -> tuple[str, ...]:
        """Every topic, in the order of the file."""
        return tuple(dict.fromkeys(item.topic for item in self.items))

    def fitting(self, answers: Mapping[str, Any], stage: str | None = None) -> list[Resource]:
        """What is for somebody with these answers, in a stage: of their stage, then of their place
        first, then for everywhere.
        """
        found = self._of_place(answers)
        mine = [it for it in found if stage is not None and stage in it.stages]
        return mine + [it for it in found if not it.stages]

    def for_goals(
        self, answers: Mapping[str, Any], stage: str | None, goals: Sequence[str]
    ) -> list[Resource]:
        """What is for somebody, with what their goals ask for first."""
        said = _words(goals)
        fitting = self.fitting(answers, stage)
        wanted = [it for it in fitting if any(_words(goal) <= said for goal in it.goals)]
        return wanted + [it for it in fitting if it not in wanted]

    def _of_place(self, answers: Mapping[str, Any]) -> list[Resource]:
        here = _words(answers.get(self.place_question or ""))
        near = [it for it in self.items if any(_words(place) <= here for place in it.places)]
        return near + [it for it in self.items if not it.places]

    def offered(
        self, answers: Mapping[str, Any], occurrence: int, stage: str | None = None
    ) -> Resource | None:
        """What goes with a check-in, counted from 1; None once everything has been offered."""
        fitting = self.fitting(answers, stage)
        return fitting[occurrence - 1] if occurrence <= len(fitting) else None

    def found(
        self,
        words: str,
        answers: Mapping[str, Any],
        stage: str | None = None,
        goals: Sequence[str] = (),
    ) -> list[Resource]:
        """What has all of some words in its title, topic or places; what fits goes first."""
        wanted = _words(words)
        fitting = self.for_goals(answers, stage, goals)
        both = [*fitting, *(it for it in self.items if it not in fitting)]
        return [it for it in both if all(_stands_in(word, it) for word in wanted)]


def _words(given: Any) -> frozenset[str]:
    """The words of an answer, or of several, in small letters."""
    text = " ".join(map(str, given)) if isinstance(given, list | tuple) else str(given or "")
    return frozenset(text.casefold().replace(",", " ").split())


def _stands_in(word: str, item: Resource) -> bool:
    return any(known.startswith(word) for known in _words([item.title, item.topic, *item.places]))
