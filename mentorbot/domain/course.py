"""The course of a programme in its file: how long its cycles are, and in which stages they go."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from mentorbot.domain.content import Guide
from mentorbot.domain.parts import Identifier, OptionText, Part, Place, Prose
from mentorbot.domain.recurrence import Step

SHORTEST_MONTH_DAYS = 28


class CycleRules(Part):
    """How long a cycle lasts, in days, weeks or months, or from one fixed date to another.

    `repeating`: one follows the other. `once`: there is one for each cohort, then the programme
    is over. `evergreen`: each pairing runs for its own length. `join_until_day` is the last day,
    counted from the start, on which pairs join a cycle; pairs made later belong to the next.
    """

    days: int | None = Field(default=None, ge=14, le=366)
    weeks: int | None = Field(default=None, ge=2, le=104)
    months: int | None = Field(default=None, ge=1, le=24)
    starts_on: date | None = None
    ends_on: date | None = None
    repeats: Literal["repeating", "once", "evergreen"] = "repeating"
    join_until_day: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        fixed = (self.starts_on is not None, self.ends_on is not None)
        lengths = sum(it is not None for it in (self.days, self.weeks, self.months))
        if lengths + any(fixed) != 1 or any(fixed) != all(fixed):
            raise ValueError(
                "a cycle lasts a number of days, weeks or months, or from starts_on to ends_on: "
                "give one of these"
            )
        if self.ends_on and self.least_days < 14:
            raise ValueError("a cycle lasts at least 14 days: ends_on is too early")
        if self.ends_on and self.repeats != "once":
            raise ValueError("fixed dates are those of one cycle: write repeats: once")
        return self

    @model_validator(mode="after")
    def _joining_ends_within(self) -> Self:
        if self.repeats == "evergreen":
            if self.join_until_day is not None:
                raise ValueError("evergreen pairs join no cycle: leave join_until_day out")
        elif self.join_until_day is None:
            raise ValueError("join_until_day is needed: the last day on which pairs join a cycle")
        elif self.join_until_day >= self.least_days:
            raise ValueError("join_until_day must come before the cycle's end")
        return self

    @property
    def is_once(self) -> bool:
        """Whether nobody is matched again after the closing."""
        return self.repeats == "once"

    @property
    def is_evergreen(self) -> bool:
        """Whether each pairing has a length of its own."""
        return self.repeats == "evergreen"

    @property
    def least_days(self) -> int:
        """How many days a cycle has at least, whichever months it lasts."""
        if self.starts_on and self.ends_on:
            return (self.ends_on - self.starts_on).days
        return (self.days or 0) + 7 * (self.weeks or 0) + SHORTEST_MONTH_DAYS * (self.months or 0)

    def start(self, today: date) -> date:
        """When a cycle that is opened today starts."""
        return self.starts_on or today

    def end(self, starts_on: date, anchor_day: int) -> date:
        """When a cycle ends; `anchor_day` is the day of the month on which the first began."""
        if self.ends_on is not None:
            return self.ends_on
        days = (self.days or 0) + 7 * (self.weeks or 0)
        return Step(days, self.months or 0).after(starts_on, anchor_day)

    def joins(self, starts_on: date, on: date) -> bool:
        """Whether a pair that is made on a date still joins the cycle that starts on another."""
        return on <= starts_on + timedelta(days=self.join_until_day or 0)


class Stage(Part):
    """A part of a long programme for mentees, such as a year; after its months comes `then`.

    Its starters take the place of the programme's, and its guide is read as it begins.
    """

    id: Identifier
    name: OptionText
    months: int = Field(ge=1, le=48)
    then: Identifier | None = None
    starters: Annotated[tuple[Prose, ...], Field(max_length=20)] = ()
    guide: Guide | None = None


def stage_faults(stages: Sequence[Stage]) -> Iterator[tuple[Place, str]]:
    """What is wrong with stages: twice the same, leading nowhere, or round in a circle."""
    following: Mapping[str, str | None] = {stage.id: stage.then for stage in stages}
    if len(stages) == 1:
        yield ("stages",), "one stage is none: name two or more, or leave stages out"
    for number, stage in enumerate(stages):
        before = stages[:number]
        if stage.id in {other.id for other in before}:
            yield ("stages", number, "id"), f"two stages share the id {stage.id}"
        if stage.name in {other.name for other in before}:
            yield ("stages", number, "name"), f"two stages share the name {stage.name!r}"
        if stage.then is not None and stage.then not in following:
            yield ("stages", number, "then"), f"there is no stage {stage.then!r}"
        elif _leads_back(stage.id, following):
            yield ("stages", number, "then"), f"the stage {stage.id} leads round to itself again"


def _leads_back(stage_id: str, following: Mapping[str, str | None]) -> bool:
    """Whether a chain of stages comes back to where it began."""
    reached, seen = following[stage_id], set[str]()
    while reached is not None and reached in following and reached not in seen:
        if reached == stage_id:
            return True
        seen.add(reached)
        reached = following[reached]
    return False
