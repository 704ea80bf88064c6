"""Ballots: for how long people say whom they would like, and what they read of each other."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal, Self

from pydantic import Field, model_validator

from mentorbot.domain.model import Role
from mentorbot.domain.parts import Identifier, Part, Place
from mentorbot.domain.questions import AnyQuestion
from mentorbot.domain.shown import shown_faults

Order = Literal["greedy_maximum", "generous", "rank_maximal"]


class Ballot(Part):
    """How people choose: their first `choices`, within so many `hours` of the ballot's opening.

    It opens on `opens_on` at `opens_at` (in the programme's zone; the touchpoints' hour, where that
    is not given), at the end of a session that `opens_ballot`, or when a coordinator opens it:
    `/mentorbot ballot`. Whoever has not voted is reminded `reminder_hours` before the end. Voters
    read the names of those whom they choose from, and their answers to the questions in `shown`,
    never addresses or sensitive answers. What comes first of the choices is the `order`, in mode:
    ranked alone: `greedy_maximum` matches as many as can be, then gives as many first choices as
    can be; `generous` matches as many, then gives as few last choices as can be; `rank_maximal`
    gives the most first choices, even where that leaves people without. Coordinators see who has
    voted; what was chosen they see with the result, or as `choices_seen` says. Whoever takes part
    never sees it.
    """

    choices: int = Field(ge=1, le=10)
    hours: int = Field(ge=1, le=720)
    opens_on: date | None = None
    opens_at: time | None = None
    reminder_hours: int = Field(default=24, ge=1, le=720)
    shown: tuple[Identifier, ...] = Field(default=(), max_length=20)
    order: Order | None = None
    choices_seen: Literal["never", "with_result", "at_once"] = "with_result"

    @model_validator(mode="after")
    def _opening_has_a_date(self) -> Self:
        if self.opens_at is not None and self.opens_on is None:
            raise ValueError("opens_at needs opens_on, the date on which the ballot opens")
        if self.opens_at is not None and self.opens_at.tzinfo is not None:
            raise ValueError("opens_at is in the programme's zone: write 17:00, with no zone")
        return self

    def faults(
        self, questions: Sequence[AnyQuestion], chosen: Collection[Role]
    ) -> Iterator[tuple[Place, str]]:
        """Answers that voters must not read, or could not, of those in the chosen roles."""
        whom = "those who are chosen from"
        yield from shown_faults(self.shown, questions, chosen, readers="voters", whom=whom)

    def closes_at(self, opened_at: datetime) -> datetime:
        """When a ballot closes that opened at an instant."""
        return opened_at + timedelta(hours=self.hours)

    def reminder_at(self, opened_at: datetime) -> datetime | None:
        """When those who have not voted are reminded; None where the ballot is too short."""
        if self.reminder_hours >= self.hours:
            return None
        return self.closes_at(opened_at) - timedelta(hours=self.reminder_hours)
