"""Selection by lottery: who gets a place, in an order that nobody chose and anyone can replay.

Before the draw the programme publishes the commitment: a digest of the applicants (under ids that
name nobody, with what the rules ask about them sealed), the rules and the source of the seed. After
it, the seed, the list, and those seals opened that the replay needs. An applicant's place in the
order depends on nobody else, so that a withdrawal shifts nobody.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Annotated, Final, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from mentorbot.domain.errors import InvalidDraw

FORMAT: Final = "mentorbot-lottery-1"
Word = Annotated[str, StringConstraints(pattern=r"^[^\r\n]{1,200}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Trait = Literal["member", "newcomer"]
"""What rules ask about an applicant: of an under-represented group, never took part before."""
Knows = Callable[[Trait, str], bool]
"""Whether the applicant with an id has a trait; KeyError where that is not to be known."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class LotteryRules(_Part):
    """How many places there are, and who comes first.

    `reserved` places go to members of under-represented groups while there are any; unused ones
    are open to all. `reserved_order` decides what they add. `reserved_first` gives them to the
    first members in the order, so that at least `reserved` members get a place. `open_first` gives
    away the open places before, so that members get `reserved` places beside those they win.
    `newcomers_first` lets nobody who took part before go ahead of somebody who did not.
    `waiting_list` is how many wait for a place that comes free; without it all who drew none do.
    """

    places: int = Field(ge=1, le=1_000_000)
    reserved: int = Field(default=0, ge=0)
    reserved_order: Literal["reserved_first", "open_first"] = "reserved_first"
    newcomers_first: bool = False
    method: Literal["sha256", "rfc3797"] = "sha256"
    waiting_list: int | None = Field(default=None, ge=0, le=100_000)

    @model_validator(mode="after")
    def _no_more_reserved_than_there_are(self) -> Self:
        if self.reserved > self.places:
            raise ValueError("there are more reserved places than places")
        return self

    @property
    def asks(self) -> tuple[Trait, ...]:
        """What they go by, of each applicant."""
        asked: dict[Trait, bool] = {"member": self.reserved > 0, "newcomer": self.newcomers_first}
        return tuple(trait for trait, is_asked in asked.items() if is_asked)


class Seal(_Part):
    """A trait that is settled and not told: a digest that a secret opens, and what it opened."""

    digest: Digest
    value: bool | None = None
    secret: Digest | None = None

    @model_validator(mode="after")
    def _opened_with_its_secret(self) -> Self:
        if (self.value is None) != (self.secret is None):
            raise ValueError("a seal is opened by its value and its secret together")
        return self


class Entrant(_Part):
    """An applicant in the draw: an id that names nobody, and what the rules ask, sealed."""

    id: Word
    member: Seal | None = None
    newcomer: Seal | None = None

    def seals(self) -> Iterator[tuple[Trait, Seal]]:
        """What is sealed about them."""
        if self.member is not None:
            yield "member", self.member
        if self.newcomer is not None:
            yield "newcomer", self.newcomer


@dataclass(frozen=True)
class Drawn:
    """Who has a place and who has none, both in the order of the draw."""

    selected: tuple[str, ...]
    unplaced: tuple[str, ...]


class DrawFile(_Part):
    """A draw as it is published: all that is needed to replay it, and no name.

    `tickets` are what the same applicants go by on the waiting list; nothing says which ticket and
    which id are of one person. `waiting` are those without a place, in the order of the list.
    """

    format: Literal["mentorbot-lottery-1"] = FORMAT
    programme: Word
    rules: LotteryRules
    seed_source: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    entrants: tuple[Entrant, ...]
    tickets: tuple[Word, ...]
    commitment: Digest
    seed: Word
    withdrawn: tuple[str, ...] = ()
    selected: tuple[str, ...]
    waiting: tuple[str, ...]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [entrant.id for entrant in self.entrants]
        if len(set(ids)) < len(ids):
            raise ValueError("an applicant is listed twice")
        if len(set(self.tickets)) < len(self.tickets) or len(self.tickets) != len(ids):
            raise ValueError("there is not one ticket for each applicant")
        return self

    def text(self) -> str:
        """The file itself: JSON, in which what stays closed is left out."""
        return self.model_dump_json(indent=1, exclude_none=True)


def sealed(trait: Trait, entrant_id: str, value: bool, secret: str) -> str:
    """The digest that settles a trait and tells nothing of it: SHA-256, in hexadecimal.

    It is taken of the trait, the id, yes or no, and the secret, joined by line feeds.
    """
    said = "yes" if value else "no"
    return hashlib.sha256("\n".join((trait, entrant_id, said, secret)).encode()).hexdigest()


def commitment(
    programme: str,
    rules: LotteryRules,
    seed_source: str,
    entrants: Collection[Entrant],
    tickets: Collection[str],
) -> str:
    """The SHA-256, in hexadecimal, of what a draw will go by: published before the seed is known.

    It is taken of JSON in UTF-8 with sorted keys and no spaces; applicants are sorted by id, with
    the digests of their seals, and so are the tickets.
    """
    listed = (
        {"id": it.id, **{trait: seal.digest for trait, seal in it.seals()}} for it in entrants
    )
    what = {
        "format": FORMAT,
        "programme": programme,
        "rules": rules.model_dump(),
        "seed_source": seed_source,
        "entrants": sorted(listed, key=lambda it: it["id"]),
        "tickets": sorted(tickets),
    }
    text = json.dumps(what, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def draw(
    programme: str,
    rules: LotteryRules,
    seed: str,
    ids: Collection[str],
    knows: Knows,
    withdrawn: Collection[str] = (),
) -> Drawn:
    """Give the places away; who has withdrawn is passed over, and moves nobody else.

    The order is that of SHA-256(seed, programme, id), joined by line feeds, or with the method
    `rfc3797` that of RFC 3797 over the ids in order, withdrawn ones included. `knows` is asked
    about nobody on whom nothing depends: the withdrawn, or who may be a member once the reserved
    places are given.
    """
    order, gone = _ranks(programme, rules, seed, ids), set(withdrawn)
    came_before = {
        it: rules.newcomers_first and not knows("newcomer", it) for it in ids if it not in gone
    }
    ranked = sorted(came_before, key=lambda it: (came_before[it], order[it]))
    chosen = _give_places(rules, ranked, knows)
    return Drawn(
        tuple(it for it in ranked if it in chosen), tuple(it for it in ranked if it not in chosen)
    )


def _give_places(rules: LotteryRules, ranked: Sequence[str], knows: Knows) -> set[str]:
    chosen: set[str] = set()
    if rules.reserved_order == "open_first":
        chosen |= set(ranked[: rules.places - rules.reserved])
    members = (it for it in ranked if it not in chosen and knows("member", it))
    chosen |= set(islice(members, rules.reserved))
    rest = [it for it in ranked if it not in chosen]
    return chosen | set(rest[: rules.places - len(chosen)])


def line(
    programme: str,
    rules: LotteryRules,
    seed: str,
    tickets: Collection[str],
    groups: Sequence[Collection[str]],
) -> tuple[str, ...]:
    """The waiting list: groups of tickets one after the other, each in the order of the draw.

    That order is as for the places, over the tickets of everybody.
    """
    order = _ranks(programme, rules, seed, tickets)
    return tuple(it for group in groups for it in sorted(group, key=order.__getitem__))


def _ranks(
    programme: str, rules: LotteryRules, seed: str, ids: Collection[str]
) -> Mapping[str, int]:
    listed = sorted(ids)
    if rules.method == "rfc3797":
        found = [listed[number - 1] for number in rfc3797(seed, len(listed), len(listed))]
    else:
        found = sorted(listed, key=lambda it: order_key(seed, programme, it))
    return {it: rank for rank, it in enumerate(found)}


def order_key(seed: str, programme: str, entrant_id: str) -> str:
    """Where an applicant stands: the smallest key comes first. Hexadecimal."""
    return hashlib.sha256("\n".join((seed, programme, entrant_id)).encode()).hexdigest()


def rfc3797(key: str, pool: int, how_many: int) -> list[int]:
    """Numbers from 1 to `pool` in the order in which RFC 3797 selects them with a key."""
    remaining = list(range(1, pool + 1))
    selected = []
    for round_ in range(min(pool, how_many)):
        around = (round_ % 65536).to_bytes(2, "big")
        digest = hashlib.md5(around + key.encode() + around, usedforsecurity=False).digest()
        selected.append(remaining.pop(int.from_bytes(digest, "big") % len(remaining)))
    return selected


def read_draw(text: str | bytes) -> DrawFile:
    """Read a published draw; raises InvalidDraw with what is wrong with the file."""
    try:
        return DrawFile.model_validate_json(text)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        where = "\n".join(f"{'.'.join(map(str, it['loc'])) or 'file'}: {it['msg']}" for it in found)
        raise InvalidDraw(where) from error


def mistakes(published: DrawFile) -> list[str]:
    """What a replay of a published draw finds wrong with it; empty where all is as it should be."""
    parts = (published.programme, published.rules)
    listed = (published.entrants, published.tickets)
    found = []
    if commitment(*parts, published.seed_source, *listed) != published.commitment:
        found.append("The applicants, the rules or the seed's source are not those committed to.")
    known = {entrant.id for entrant in published.entrants}
    if strangers := set(published.withdrawn) - known:
        found.append(f"Withdrawn without having been listed: {', '.join(sorted(strangers))}.")
    if broken := sorted(_opened_otherwise(published.entrants)):
        found.append(f"Opened otherwise than sealed: {', '.join(broken)}.")
    opened = _opened(published.entrants)
    try:
        replayed = draw(
            *parts, published.seed, known, lambda trait, it: opened[trait, it], published.withdrawn
        )
    except KeyError as closed:
        trait, closed_id = closed.args[0]
        return [*found, f"Left closed, though the draw goes by it: {trait} of {closed_id}."]
    if replayed.selected != published.selected:
        found.append(_difference(replayed.selected, published.selected))
    if not _is_in_line(published, replayed.unplaced, opened):
        found.append("The waiting list is not the one that the draw gives.")
    return found


def _opened_otherwise(entrants: Collection[Entrant]) -> set[str]:
    return {
        it.id
        for it in entrants
        for trait, seal in it.seals()
        if seal.value is not None
        and sealed(trait, it.id, seal.value, str(seal.secret)) != seal.digest
    }


def _opened(entrants: Collection[Entrant]) -> dict[tuple[Trait, str], bool]:
    return {
        (trait, it.id): seal.value
        for it in entrants
        for trait, seal in it.seals()
        if seal.value is not None
    }


def _is_in_line(
    published: DrawFile, unplaced: Collection[str], opened: Mapping[tuple[Trait, str], bool]
) -> bool:
    """Whether the waiting list has as many as have no place, in order, newcomers first.

    Whose tickets they are, each applicant can tell of their own alone.
    """
    waiting, rules = published.waiting, published.rules
    if not set(waiting) <= set(published.tickets) or len(set(waiting)) < len(waiting):
        return False
    newcomers = sum(opened["newcomer", it] for it in unplaced) if rules.newcomers_first else 0
    groups = waiting[:newcomers], waiting[newcomers:]
    parts = (published.programme, rules, published.seed, published.tickets)
    return len(waiting) == len(unplaced) and waiting == line(*parts, groups)


def _difference(replayed: tuple[str, ...], published: tuple[str, ...]) -> str:
    added = sorted(set(published) - set(replayed))
    missing = sorted(set(replayed) - set(published))
    if not added and not missing:
        return "The selected are the right ones, but not in the order of the draw."
    said = [f"selected without a place: {', '.join(added)}"] if added else []
    said += [f"left out: {', '.join(missing)}"] if missing else []
    return f"The draw gives another list; {'; '.join(said)}."
