"""From application to place: what a programme file says of who may come, and how places are given.

A new way of selection is a class here, in `Selection`.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mentorbot.domain.conditions import Condition, ListedIn
from mentorbot.domain.eligibility import faults
from mentorbot.domain.model import Role
from mentorbot.domain.parts import Identifier, Line, Part, Place
from mentorbot.domain.questions import AnyQuestion
from mentorbot.domain.selection import LotteryRules

Way = Literal["slack", "import"]
WebAddress = Annotated[str, Field(pattern=r"^https://[^\s<>|\"]+$", max_length=500)]


class EverybodyApproved(Part):
    """Whoever is approved has a place."""

    mode: Literal["all"]


class FirstCome(Part):
    """Places go to those approved, in the order in which they applied; then there is a list."""

    mode: Literal["first_come"]
    places: int = Field(ge=1, le=100_000)


class Lottery(LotteryRules):
    """Places are drawn by lot among those approved; `LotteryRules` says who comes first.

    `seed_source` names, before the draw, the public future event that the seed will come from, and
    `seed_on` its date. `member_question` is the sensitive consent by which somebody says that they
    are of an under-represented group; `past_list` is the list of those who took part before.
    `waiting_list` is how many wait for a place that comes free; without it all who drew none do.
    """

    mode: Literal["lottery"]
    seed_source: Annotated[str, Field(min_length=1, max_length=400)]
    seed_on: date | None = Field(default=None, strict=False)
    member_question: Identifier | None = None
    past_list: Identifier | None = None

    @model_validator(mode="after")
    def _reserved_for_somebody(self) -> Self:
        if self.reserved and self.member_question is None:
            raise ValueError("reserved places need member_question, which says for whom they are")
        return self

    def rules(self) -> LotteryRules:
        """What the draw goes by, and commits to."""
        return LotteryRules(**self.model_dump(include=set(LotteryRules.model_fields)))


Selection = Annotated[EverybodyApproved | FirstCome | Lottery, Field(discriminator="mode")]


class Fact(Part):
    """What a reviewer verifies before an application is approved, such as good standing."""

    id: Identifier
    label: Line
    roles: tuple[Role, ...] = Field(default=(Role.MENTOR, Role.MENTEE), min_length=1)


class ApplicationRules(Part):
    """How people apply and get a place; dates are in the programme's zone.

    `opens_on` and `closes_on` are the first and last whole days on which applications are taken.
    `next_opens_on` is when the next round opens, once that is known: whoever is late is told so,
    and coordinators are reminded beforehand of the file that it needs.
    `cohort` counts the rounds of applications: a new number lets everybody apply again.
    `results_on` is when everybody hears of their place or none; without it each hears at once.
    `invite_url` is where those who are given a place, and are not in the workspace, join it; and
    before a draw those approved who could be asked sensitive questions there.
    """

    through: tuple[Way, ...] = Field(default=("slack",), min_length=1)
    cohort: int = Field(default=1, ge=1)
    opens_on: date | None = None
    closes_on: date | None = None
    next_opens_on: date | None = None
    eligibility: Mapping[Role, Condition] = Field(default_factory=dict)
    near_misses: Literal["review", "refuse"] = "review"
    validation: Literal["none", "coordinator"] = "coordinator"
    facts: tuple[Fact, ...] = Field(default=(), max_length=10)
    selection: Mapping[Role, Selection] = Field(default_factory=dict)
    results_on: date | None = None
    invite_url: WebAddress | None = None

    def selection_of(self, role: Role) -> EverybodyApproved | FirstCome | Lottery:
        """How a role's places are given; to everybody approved, unless the file says otherwise."""
        return self.selection.get(role) or EverybodyApproved(mode="all")

    def facts_of(self, role: Role) -> tuple[Fact, ...]:
        """What is verified of applicants in a role."""
        return tuple(fact for fact in self.facts if role in fact.roles)

    def faults(
        self, questions_of: Mapping[Role, Mapping[str, AnyQuestion]], lists: Mapping[str, str]
    ) -> Iterator[tuple[Place, str]]:
        """What does not fit: among its own parts, to a role's questions, to the lists."""
        yield from self._date_faults()
        if self.facts and self.validation == "none":
            yield ("facts",), "facts are verified by a coordinator: validation cannot be none"
        for number, fact in enumerate(self.facts):
            if fact.id in {other.id for other in self.facts[:number]}:
                yield ("facts", number, "id"), f"two facts share the id {fact.id}"
        for role, rule in self.eligibility.items():
            place: Place = ("eligibility", str(role))
            for fault in faults(rule, questions_of[role]):
                yield place, fault
            for leaf in rule.leaves():
                if isinstance(leaf, ListedIn) and leaf.listed_in not in lists:
                    yield place, f"there is no list {leaf.listed_in!r} under lists"
        for role, selection in self.selection.items():
            if isinstance(selection, Lottery):
                yield from self._lottery_faults(role, selection, questions_of[role], lists)
        yield from self._sensitive_faults(questions_of)

    def _date_faults(self) -> Iterator[tuple[Place, str]]:
        if self.opens_on and self.closes_on and self.closes_on < self.opens_on:
            yield ("closes_on",), f"applications close before they open on {self.opens_on}"
        if self.next_opens_on and self.closes_on is None:
            yield ("next_opens_on",), "applications never close: give closes_on, too"
        elif self.next_opens_on and self.closes_on and self.next_opens_on <= self.closes_on:
            yield ("next_opens_on",), f"this round takes applications until {self.closes_on}"
        last_on = self.closes_on or self.opens_on
        if self.results_on and last_on and self.results_on <= last_on:
            yield ("results_on",), f"the results come while applications are taken until {last_on}"

    def _lottery_faults(
        self,
        role: Role,
        lottery: Lottery,
        questions: Mapping[str, AnyQuestion],
        lists: Mapping[str, str],
    ) -> Iterator[tuple[Place, str]]:
        place: Place = ("selection", str(role))
        if self.closes_on is None:
            yield place, "a lottery needs closes_on: it is drawn among all who applied by then"
        if lottery.member_question is not None:
            fault = _member_fault(role, questions.get(lottery.member_question))
            if fault:
                yield (*place, "member_question"), f"{lottery.member_question}: {fault}"
        if lottery.seed_on and self.closes_on and lottery.seed_on <= self.closes_on:
            said = f"the seed must come after applications have closed on {self.closes_on}"
            yield (*place, "seed_on"), said
        if lottery.seed_on and self.results_on and self.results_on < lottery.seed_on:
            yield ("results_on",), f"the results come before the seed of {lottery.seed_on}"
        if lottery.past_list and lottery.past_list not in lists:
            yield (*place, "past_list"), f"there is no list {lottery.past_list!r} under lists"

    def _sensitive_faults(
        self, questions_of: Mapping[Role, Mapping[str, AnyQuestion]]
    ) -> Iterator[tuple[Place, str]]:
        """What is kept for the selection, and read by no draw."""
        for role, questions in questions_of.items():
            selection = self.selection_of(role)
            read = selection.member_question if isinstance(selection, Lottery) else None
            for question in questions.values():
                if question.keep_for == "selection" and question.id != read:
                    yield (
                        ("selection",),
                        f"{question.id} is kept for the selection of the {role}, whose places are"
                        " not drawn by it: make it the lottery's member_question,"
                        " or write keep_for: cycle",
                    )


def _member_fault(role: Role, question: AnyQuestion | None) -> str | None:
    """Why a question cannot tell a lottery who is a member, or None."""
    if question is None:
        return f"the {role} is asked no such question"
    if not question.sensitive or question.kind != "consent":
        return "reserved places need a consent with sensitive: true"
    return None
