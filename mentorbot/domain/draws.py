"""A draw in the life of a programme: committed to, drawn, published, and its link to people cut."""

import hmac
from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any, Final, Self

from mentorbot.domain.model import Role
from mentorbot.domain.selection import (
    DrawFile,
    Entrant,
    LotteryRules,
    Seal,
    Trait,
    draw,
    line,
    sealed,
)

TRAITS: Final[tuple[Trait, ...]] = ("member", "newcomer")
CHECKING = timedelta(days=90)
"""How long after the results people can look up their numbers, and the waiting list keeps order."""
ABANDONED = timedelta(days=180)
"""A draw that was committed to and never made is forgotten as far as people go."""


@dataclass
class Draw:
    """The one draw for a role in a cohort.

    `entrants` and `selected` go by numbers that name nobody, `tickets` and `waiting` by others.
    Only `salt` leads from an application to them, and `line` holds the ids of the applications that
    wait, in order: both are emptied at the end. `traits` holds what is sealed about the entrants
    until it is drawn. All three are encrypted wherever the draw knows of members. `next_due_at` is
    when the heartbeat goes on: placing people, then forgetting.
    """

    workspace_id: str
    draw_id: str
    programme_id: str
    cohort: int
    role: Role
    rules: dict[str, Any]
    seed_source: str
    entrants: list[dict[str, Any]]
    tickets: list[str]
    commitment: str
    committed_at: datetime
    committed_by: str
    salt: str | None
    traits: str | None
    next_due_at: datetime | None
    is_sealed: bool = False
    seed_on: date | None = None
    seed: str | None = None
    drawn_at: datetime | None = None
    drawn_by: str | None = None
    withdrawn: list[str] = field(default_factory=list)
    selected: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    line: str | None = None
    placed_at: datetime | None = None

    @property
    def name(self) -> str:
        """What the draw is called in its file, and in every key of its order."""
        return name_of(self.programme_id, self.cohort, self.role)

    @property
    def is_to_come(self) -> bool:
        """Whether it is committed to and can still be made."""
        return self.seed is None and self.salt is not None

    @property
    def is_under_way(self) -> bool:
        """Whether it is committed to, and not everybody has been given what it brings them."""
        return self.salt is not None and self.placed_at is None

    @property
    def place(self) -> str:
        """What leads from it to people is encrypted for."""
        return f"draw/{self.draw_id}"

    @property
    def parsed_rules(self) -> LotteryRules:
        """What it goes by."""
        return LotteryRules.model_validate(self.rules)

    @property
    def numbers(self) -> list[str]:
        """What those in it go by."""
        return [it["id"] for it in self.entrants]

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
            tickets=tuple(self.tickets),
            commitment=self.commitment,
            seed=self.seed,
            withdrawn=tuple(self.withdrawn),
            selected=tuple(self.selected),
            waiting=tuple(self.waiting),
        )


def name_of(programme_id: str, cohort: int, role: Role) -> str:
    """What a draw is called, such as "mila, cohort 3, mentee"."""
    return f"{programme_id}, cohort {cohort}, {role}"


def number_of(salt: str, application_id: str) -> str:
    """An applicant's number in a draw: 64 bits in hexadecimal, in groups of four."""
    digest = hmac.new(salt.encode(), application_id.encode(), sha256).hexdigest()[:16]
    return "-".join(digest[at : at + 4] for at in range(0, 16, 4))


def ticket_of(salt: str, application_id: str) -> str:
    """What an applicant goes by on the waiting list: as a number is, and no way from one to it."""
    return number_of(salt, f"waiting list {application_id}")


@dataclass(frozen=True)
class Traits:
    """Who in a draw has which trait, by number, and the key from which each seal's secret comes."""

    key: str
    having: Mapping[Trait, frozenset[str]]

    @classmethod
    def read(cls, kept: Mapping[str, str], numbers: Iterable[str]) -> Self:
        """As they were kept, for the numbers of a draw."""
        listed = sorted(numbers)
        having: dict[Trait, frozenset[str]] = {}
        for trait in TRAITS:
            said = zip(listed, kept[trait], strict=True)
            having[trait] = frozenset(it for it, has in said if has == "1")
        return cls(kept["key"], having)

    def kept(self, numbers: Iterable[str]) -> dict[str, str]:
        """What to keep until the draw: of one length, however many have a trait."""
        listed = sorted(numbers)
        told = {"key": self.key}
        for trait in TRAITS:
            told[trait] = "".join("1" if self.has(trait, it) else "0" for it in listed)
        return told

    def has(self, trait: Trait, number: str) -> bool:
        """Whether the applicant with a number has a trait."""
        return number in self.having[trait]

    def secret(self, trait: Trait, number: str) -> str:
        """What opens one seal, and tells nothing of any other."""
        return hmac.new(self.key.encode(), f"{trait} {number}".encode(), sha256).hexdigest()

    def entrants(self, rules: LotteryRules, numbers: Iterable[str]) -> list[Entrant]:
        """Those in a draw, sealed, with nothing about them that its rules do not ask.

        They come in the order of their numbers, which tells nothing of who applied when.
        """
        return [
            Entrant(id=it, **{trait: self._seal(trait, it) for trait in rules.asks})
            for it in sorted(numbers)
        ]

    def _seal(self, trait: Trait, number: str) -> Seal:
        has, secret = self.has(trait, number), self.secret(trait, number)
        return Seal(digest=sealed(trait, number, has, secret))

    def opened(self, one: Entrant, asked: Container[tuple[Trait, str]]) -> Entrant:
        """An entrant with the seals open that somebody has asked about."""
        seals: dict[str, Seal] = {
            trait: Seal(
                digest=seal.digest, value=self.has(trait, one.id), secret=self.secret(trait, one.id)
            )
            for trait, seal in one.seals()
            if (trait, one.id) in asked
        }
        return one.model_copy(update=seals)


@dataclass(frozen=True)
class Outcome:
    """What a draw has brought: the selected by number, and by ticket those who wait, in order.

    Of the entrants, the seals are open that anyone needs to replay it.
    """

    selected: list[str]
    waiting: list[str]
    entrants: list[Entrant]


def settle(
    found: Draw,
    traits: Traits,
    seed: str,
    withdrawn: Collection[str],
    tickets: Mapping[str, str],
) -> Outcome:
    """Draw, and open what was asked on the way, which is what whoever replays it asks too.

    `tickets` are by number. Newcomers wait first where the rules say so.
    """
    asked: set[tuple[Trait, str]] = set()

    def knows(trait: Trait, number: str) -> bool:
        asked.add((trait, number))
        return traits.has(trait, number)

    rules = found.parsed_rules
    drawn = draw(found.name, rules, seed, found.numbers, knows, withdrawn)
    groups: tuple[list[str], list[str]] = ([], [])
    for it in drawn.unplaced:
        is_later = rules.newcomers_first and not traits.has("newcomer", it)
        groups[is_later].append(tickets[it])
    return Outcome(
        list(drawn.selected),
        list(line(found.name, rules, seed, found.tickets, groups)),
        [traits.opened(it, asked) for it in found.listed],
    )
