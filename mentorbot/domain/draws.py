"""A draw in the life of a programme: committed to, drawn, published, and its link to people cut."""

import hmac
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from mentorbot.domain.model import Role
from mentorbot.domain.selection import DrawFile, Entrant, LotteryRules

CHECKING = timedelta(days=90)
"""How long after the results people can look up their numbers, and the waiting list keeps order."""
ABANDONED = timedelta(days=180)
"""A draw that was committed to and never made is forgotten as far as people go."""


@dataclass
class Draw:
    """The one draw for a role in a cohort.

    `entrants` and `selected` go by numbers that name nobody. Only `salt` leads from an application
    to its number, and `line` holds the ids of the applications that wait, in order: both are
    emptied at the end, and sealed wherever the draw knows of members. `next_due_at` is when the
    heartbeat goes on: placing people, then forgetting.
    """

    workspace_id: str
    draw_id: str
    programme_id: str
    cohort: int
    role: Role
    rules: dict[str, Any]
    seed_source: str
    entrants: list[dict[str, Any]]
    commitment: str
    committed_at: datetime
    committed_by: str
    salt: str | None
    next_due_at: datetime | None
    is_sealed: bool = False
    seed_on: date | None = None
    seed: str | None = None
    drawn_at: datetime | None = None
    drawn_by: str | None = None
    withdrawn: list[str] = field(default_factory=list)
    selected: list[str] = field(default_factory=list)
    line: str | None = None
    placed_at: datetime | None = None

    @property
    def name(self) -> str:
        """What the draw is called in its file, and in every key of its order."""
        return name_of(self.programme_id, self.cohort, self.role)

    @property
    def place(self) -> str:
        """What its salt and its line are sealed for."""
        return f"draw/{self.draw_id}"

    @property
    def parsed_rules(self) -> LotteryRules:
        """What it goes by."""
        return LotteryRules.model_validate(self.rules)

    @property
    def listed(self) -> tuple[Entrant, ...]:
        """Who is in it."""
        return tuple(Entrant.model_validate(it) for it in self.entrants)

    def published(self) -> DrawFile:
        """The draw as anybody may read it; raises ValueError before it was drawn."""
        if self.seed is None:
            raise ValueError("nothing was drawn yet")
        return DrawFile(
            programme=self.name,
            rules=self.parsed_rules,
            seed_source=self.seed_source,
            entrants=self.listed,
            commitment=self.commitment,
            seed=self.seed,
            withdrawn=tuple(self.withdrawn),
            selected=tuple(self.selected),
        )


def name_of(programme_id: str, cohort: int, role: Role) -> str:
    """What a draw is called, such as "mila, cohort 3, mentee"."""
    return f"{programme_id}, cohort {cohort}, {role}"


def number_of(salt: str, application_id: str) -> str:
    """An applicant's number in a draw: 64 bits in hexadecimal, in groups of four."""
    digest = hmac.new(salt.encode(), application_id.encode(), sha256).hexdigest()[:16]
    return "-".join(digest[at : at + 4] for at in range(0, 16, 4))


def entrant(rules: LotteryRules, number: str, *, is_member: bool, is_newcomer: bool) -> Entrant:
    """An applicant in a draw, with nothing about them that its rules do not ask."""
    return Entrant(
        id=number,
        is_member=is_member and rules.reserved > 0,
        is_newcomer=is_newcomer or not rules.newcomers_first,
    )
