"""A problem of matching as a file: who takes part, what they chose, and what has to be kept to."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Final, Literal, Self

from pydantic import (
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    model_validator,
)

from mentorbot.domain.matching.preferences import Tiers
from mentorbot.domain.matching.ranked import Order
from mentorbot.domain.parts import Disagreements, Place
from mentorbot.matching_files.criteria_file import Answer, AnyCriterion, problem_with
from mentorbot.matching_files.parts import FilePart, Id

FORMAT: Final = "mentorbot-matching-problem-1"
MOST_PEOPLE = 200_000
Score = Annotated[int, Field(ge=-1, le=1000)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Mode = Literal["best", "ranked", "two_sided"]
Couple = tuple[Id, Id]


def _is_tie(value: object) -> str:
    return "tie" if isinstance(value, list | tuple) else "one"


Tier = Annotated[
    Annotated[Id, Tag("one")] | Annotated[tuple[Id, ...], Tag("tie")], Discriminator(_is_tie)
]
"""A choice, or several that are liked alike."""


class Chooser(FilePart):
    """Somebody with an id that nobody else on their side has, and a list of choices, best first.

    Those in one inner list are liked alike. Nobody can be matched with somebody they did not
    choose, except by a lock, or by score where there are scores. `answers` are what the criteria
    compare.
    """

    id: Id
    choices: tuple[Tier, ...] = ()
    answers: dict[Id, Answer] = Field(default_factory=dict)

    @property
    def tiers(self) -> Tiers:
        """The list of choices, everyone in a tier."""
        return tuple((it,) if isinstance(it, str) else it for it in self.choices)


class Mentee(Chooser):
    """`wants` is how many mentors; waiting class 0 is served before 1, and so on.

    `group` has no effect on the matching: the fairness report counts by it.
    """

    wants: Count = 1
    waiting_class: Count = 0
    group: Annotated[str, StringConstraints(min_length=1, max_length=150)] | None = None


class Mentor(Chooser):
    """At most `ceiling` mentees, and none or at least `floor`."""

    ceiling: Count = 1
    floor: Count = 0


class ProblemFile(FilePart):
    """A problem, in one of three modes.

    `best` needs scores (a row for each mentee in order, a number from 0 to 1000 for each mentor, -1
    for a pair that is not allowed), or criteria, which scores are worked out by. `ranked` goes by
    the mentees' choices in the given `order`, and places the others by score, where there are
    scores or criteria. `two_sided` goes by both sides' choices.
    """

    format: Literal["mentorbot-matching-problem-1"] = FORMAT
    mode: Mode = "best"
    order: Literal["greedy_maximum", "generous", "rank_maximal"] | None = None
    mentees: Annotated[tuple[Mentee, ...], Field(max_length=MOST_PEOPLE)]
    mentors: Annotated[tuple[Mentor, ...], Field(max_length=MOST_PEOPLE)]
    scores: tuple[tuple[Score, ...], ...] | None = None
    criteria: tuple[AnyCriterion, ...] = ()
    locks: tuple[Couple, ...] = ()
    forbidden: tuple[Couple, ...] = ()
    draft: tuple[Couple, ...] = ()
    least_acceptable: Annotated[int, Field(ge=0, le=1000)] | None = None
    worst_first: bool | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        looks = (self._people, self._table, self._compared, self._lists, self._said_in_vain)
        found = [it for look in looks for it in look()]
        if found:
            raise Disagreements(found)
        return self

    @property
    def has_scores(self) -> bool:
        """Whether pairs have scores."""
        return self.scores is not None or bool(self.criteria)

    @property
    def ranked_by(self) -> Order:
        """The order of a matching by ballots."""
        return Order(self.order or Order.GREEDY_MAXIMUM)

    def _people(self) -> Iterator[tuple[Place, str]]:
        for side, people in (("mentees", self.mentees), ("mentors", self.mentors)):
            for at, times in _repeated([it.id for it in people]):
                yield (side, at, "id"), f"{people[at].id!r} stands {times} times"
        for at, mentor in enumerate(self.mentors):
            if mentor.floor > mentor.ceiling > 0:
                yield ("mentors", at, "floor"), "the least number is above the ceiling"

    def _table(self) -> Iterator[tuple[Place, str]]:
        if self.scores is None:
            return
        if self.criteria:
            yield ("criteria",), "there are scores already; give one or the other"
        if len(self.scores) != len(self.mentees):
            said = f"{len(self.scores)} rows for {len(self.mentees)} mentees"
            yield ("scores",), said
        for at, row in enumerate(self.scores):
            if len(row) != len(self.mentors):
                yield ("scores", at), f"{len(row)} scores for {len(self.mentors)} mentors"

    def _compared(self) -> Iterator[tuple[Place, str]]:
        """Criteria without answers, and answers that no criterion compares, or that do not fit."""
        for at, times in _repeated([it.id for it in self.criteria]):
            yield ("criteria", at, "id"), f"{self.criteria[at].id!r} stands {times} times"
        for at, one in enumerate(self.criteria):
            if not one.weight and not one.must:
                yield ("criteria", at, "weight"), "counts for nothing, and is no rule"
        for side, people in (("mentees", self.mentees), ("mentors", self.mentors)):
            asked: dict[str, list[AnyCriterion]] = {}
            for at, one in enumerate(self.criteria):
                question = (side == "mentors" and one.mentors_question) or one.question
                asked.setdefault(question, []).append(one)
                if not any(question in it.answers for it in people):
                    yield ("criteria", at, "question"), f"none of the {side} answers {question!r}"
            for at, person in enumerate(people):
                for question, answer in person.answers.items():
                    place = (side, at, "answers", question)
                    if question not in asked:
                        yield place, f"no criterion compares the {side}' answers to it"
                    for one in asked.get(question, ()):
                        if said := problem_with(one, answer):
                            yield place, said

    def _lists(self) -> Iterator[tuple[Place, str]]:
        known = {
            "mentees": {it.id for it in self.mentees},
            "mentors": {it.id for it in self.mentors},
        }
        for side, others in (("mentees", "mentors"), ("mentors", "mentees")):
            people: tuple[Chooser, ...] = getattr(self, side)
            for at, one in enumerate(people):
                chosen = [it for tier in one.tiers for it in tier]
                place = (side, at, "choices")
                if strange := [it for it in chosen if it not in known[others]]:
                    yield place, f"{_shown(strange)}: nobody among the {others} has this id"
                if twice := [it for it, times in Counter(chosen).items() if times > 1]:
                    yield place, f"{_shown(twice)}: chosen more than once"
        for name in ("locks", "forbidden"):
            for at, (mentee, mentor) in enumerate(getattr(self, name)):
                for one, side in ((mentee, "mentees"), (mentor, "mentors")):
                    if one not in known[side]:
                        yield (name, at), f"nobody among the {side} has the id {one!r}"

    def _said_in_vain(self) -> Iterator[tuple[Place, str]]:
        """What this mode has no use for: it is refused, so that nobody relies on it."""
        if self.mode == "best":
            yield from self._choices_in_vain("mentees", self.mentees)
        if self.mode != "two_sided":
            yield from self._choices_in_vain("mentors", self.mentors)
        if self.mode != "ranked" and self.order is not None:
            yield ("order",), "only the mode ranked has an order"
        if self.mode == "best" and not self.has_scores:
            yield ("scores",), "missing: the mode best needs scores or criteria"
        if self.mode == "two_sided":
            yield from self._beyond_two_sides()
        if not self.has_scores:
            for name in ("least_acceptable", "worst_first"):
                if getattr(self, name) is not None:
                    yield (name,), "this is about scores, and there are none"
            for at, mentee in enumerate(self.mentees):
                if mentee.group is not None:
                    said = "groups are for the report on scores, and there are none"
                    yield ("mentees", at, "group"), said

    def _choices_in_vain(
        self, side: str, people: tuple[Chooser, ...]
    ) -> Iterator[tuple[Place, str]]:
        for at, one in enumerate(people):
            if one.choices:
                yield (side, at, "choices"), f"the mode {self.mode} does not ask the {side}"

    def _beyond_two_sides(self) -> Iterator[tuple[Place, str]]:
        for at, mentee in enumerate(self.mentees):
            if mentee.wants != 1:
                yield ("mentees", at, "wants"), "two-sided, everybody wants exactly one mentor"
        for at, mentor in enumerate(self.mentors):
            if mentor.floor > 1:
                said = (
                    "two-sided, no least number can be promised: a stable matching may not have it"
                )
                yield ("mentors", at, "floor"), said
        for name in ("scores", "criteria", "draft"):
            if getattr(self, name):
                yield (name,), "the mode two_sided goes by the lists alone"


def _repeated(ids: list[str]) -> Iterator[tuple[int, int]]:
    """Where ids stand that are not the only ones, and how many of each there are."""
    times = Counter(ids)
    yield from ((at, times[one]) for at, one in enumerate(ids) if times[one] > 1)


def _shown(ids: list[str]) -> str:
    first = ", ".join(repr(it) for it in ids[:5])
    return first if len(ids) <= 5 else f"{first} and {len(ids) - 5} more"
