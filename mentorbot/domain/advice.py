"""Advisers: whom people may talk to about their specialty, as a programme file names it."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from mentorbot.domain.parts import Identifier, Part, Place
from mentorbot.domain.questions import AnyQuestion, Choice, Choices


class Advisers(Part):
    """Each option of `question` can have designated advisers, for those who chose it."""

    question: Identifier

    def faults(self, questions: Mapping[str, AnyQuestion]) -> Iterator[tuple[Place, str]]:
        """What does not fit the questions that a mentee is asked."""
        asked = questions.get(self.question)
        if asked is None:
            yield ("question",), f"the mentee is asked no question {self.question!r}"
        elif not isinstance(asked, Choice | Choices):
            yield ("question",), f"{self.question} has no options to have advisers for"

    def specialties(self, questions: Mapping[str, AnyQuestion]) -> tuple[str, ...]:
        """What there can be advisers for."""
        asked = questions[self.question]
        return asked.options if isinstance(asked, Choice | Choices) else ()


def specialty_meant(given: str, known: tuple[str, ...]) -> str | None:
    """The specialty that somebody wrote, in whatever case."""
    return next((it for it in known if it.casefold() == given.strip().casefold()), None)


def nearest(given: str, known: tuple[str, ...]) -> str | None:
    """The specialty that looks most like what somebody wrote, if any does."""
    folded = {it.casefold(): it for it in known}
    near = get_close_matches(given.strip().casefold(), folded, n=1, cutoff=0.5)
    return folded[near[0]] if near else None
