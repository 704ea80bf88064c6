"""A pair's own pace: how often it is asked how it goes, and by how much it goes on longer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any, NamedTuple, Self

from pydantic import Field, model_validator

from mentorbot.domain.course import SHORTEST_MONTH_DAYS
from mentorbot.domain.model import Pairing
from mentorbot.domain.parts import Part, Place
from mentorbot.domain.recurrence import Step

CADENCES: Mapping[str, Step] = {
    "week": Step(days=7),
    "two_weeks": Step(days=14),
    "three_weeks": Step(days=21),
    "month": Step(months=1),
    "two_months": Step(months=2),
    "three_months": Step(months=3),
}
"""How often a pair can be asked, by the words of the form."""
MOST_AMENDMENTS = 60
"""So often a pair can change its pace; it keeps somebody's script from filling a row."""


class ExtensionRules(Part):
    """By how many `months` a pair may go on longer, when all of it agree, as often as they like.

    Whatever was still to come moves with the new end: check-ins and tips go on, and the closing
    comes before it. It is for evergreen pairs, each of which has a length of its own.
    """

    months: Annotated[tuple[int, ...], Field(min_length=1, max_length=6)]

    @model_validator(mode="after")
    def _can_be_chosen(self) -> Self:
        if list(self.months) != sorted(set(self.months)):
            raise ValueError("the months to choose from come in order, each once")
        if self.months[0] < 1 or self.months[-1] > 24:
            raise ValueError("a pair goes on for 1 to 24 months more")
        return self


def extension_faults(
    rules: ExtensionRules | None, closing_days: int, *, is_evergreen: bool
) -> Iterator[tuple[Place, str]]:
    """Why pairs cannot be extended: they end together, or the next closing would have passed."""
    if rules is not None and SHORTEST_MONTH_DAYS * rules.months[0] <= closing_days:
        yield ("extension", "months"), "the closing would come before the old end: give more months"
    if rules is not None and not is_evergreen:
        yield (
            ("extension",),
            "pairs that share a cycle end together: an extension needs repeats: evergreen",
        )


class Amendment(NamedTuple):
    """What a pair changed of its plan, from the day after `from_on` on.

    `every` is how often it is asked from then on, None where that stays; `was_ends_on` is the last
    day that the pairing had until then.
    """

    from_on: date
    was_ends_on: date
    every: Step | None = None


def amendments_of(stored: Sequence[Mapping[str, Any]] | None) -> tuple[Amendment, ...]:
    """Amendments as a pairing keeps them, oldest first."""
    return tuple(
        Amendment(
            date.fromisoformat(it["from_on"]),
            date.fromisoformat(it["was_ends_on"]),
            CADENCES[it["every"]] if it.get("every") else None,
        )
        for it in stored or ()
    )


def cadence_of(pairing: Pairing) -> str | None:
    """The word of `CADENCES` by which a pair is asked; None for the file's own rhythm."""
    words = [it["every"] for it in pairing.amendments or () if it.get("every")]
    return words[-1] if words else None


@dataclass
class Extension:
    """A wish to go on longer; `agreed` are the participants who want it, `asked_by` among them.

    `version` counts the wishes of a pairing; one is open until all have agreed or one has not.
    """

    workspace_id: str
    pairing_id: str
    version: int
    months: int
    asked_by: str
    asked_at: datetime
    is_open: bool = True
    agreed: list[str] = field(default_factory=list)
