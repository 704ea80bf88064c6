"""Selection by lottery: who gets a place, in an order that nobody chose and anyone can replay.

Before the draw the programme publishes the commitment: a digest of the applicants (under ids that
name nobody), the rules and the source the seed will come from. After it, the seed and the list.
An applicant's place in the order depends on nobody else, so that a withdrawal shifts nobody.
"""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
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


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class LotteryRules(_Part):
    """How many places there are, and who comes first.

    `reserved` places go to members of under-represented groups while there are any; unused ones
    are open to all. `reserved_order` decides what they add. `reserved_first` gives them to the
    first members in the order, so that at least `reserved` members get a place. `open_first` gives
    away the open places before, so that members get `reserved` places beside those they win.
    `newcomers_first` lets nobody who took part before go ahead of somebody who did not.
    """

    places: int = Field(ge=1, le=1_000_000)
    reserved: int = Field(default=0, ge=0)
    reserved_order: Literal["reserved_first", "open_first"] = "reserved_first"
    newcomers_first: bool = False
    method: Literal["sha256", "rfc3797"] = "sha256"

    @model_validator(mode="after")
    def _no_more_reserved_than_there_are(self) -> Self:
        if self.reserved > self.places:
            raise ValueError("there are more reserved places than places")
        return self


class Entrant(_Part):
    """An applicant in the draw: an id that names nobody, and what the rules ask about them."""

    id: Word
    is_member: bool = False
    is_newcomer: bool = True


@dataclass(frozen=True)
class Drawn:
    """Who has a place, in the order of the draw, and who is next should one come free."""

    selected: tuple[str, ...]
    waiting: tuple[str, ...]


class DrawFile(_Part):
    """A draw as it is published: all that is needed to replay it, and no name."""

    format: Literal["mentorbot-lottery-1"] = FORMAT
    programme: Word
    rules: LotteryRules
    seed_source: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    entrants: tuple[Entrant, ...]
    commitment: Digest
    seed: Word
    withdrawn: tuple[str, ...] = ()
    selected: tuple[str, ...]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [entrant.id for entrant in self.entrants]
        if len(set(ids)) < len(ids):
            raise ValueError("an applicant is listed twice")
        return self


def commitment(
    programme: str, rules: LotteryRules, seed_source: str, entrants: Collection[Entrant]
) -> str:
    """The SHA-256, in hexadecimal, of what a draw will go by: published before the seed is known.

    It is taken of JSON in UTF-8 with sorted keys and no spaces; applicants are sorted by id.
    """
    listed = sorted((entrant.model_dump() for entrant in entrants), key=lambda it: str(it["id"]))
    what = {
        "format": FORMAT,
        "programme": programme,
        "rules": rules.model_dump(),
        "seed_source": seed_source,
        "entrants": listed,
    }
    text = json.dumps(what, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def draw(
    programme: str,
    rules: LotteryRules,
    seed: str,
    entrants: Collection[Entrant],
    withdrawn: Collection[str] = (),
) -> Drawn:
    """Give the places away; who has withdrawn is passed over, and moves nobody else.

    The order is that of SHA-256(seed, programme, id), joined by line feeds, or with the method
    `rfc3797` that of RFC 3797 over the ids in order, withdrawn ones included.
    """
    order = {
        entrant_id: rank for rank, entrant_id in enumerate(_order(programme, rules, seed, entrants))
    }
    gone = set(withdrawn)
    ranked = sorted(
        (entrant for entrant in entrants if entrant.id not in gone),
        key=lambda it: (rules.newcomers_first and not it.is_newcomer, order[it.id]),
    )
    chosen = _give_places(rules, ranked)
    return Drawn(
        tuple(it.id for it in ranked if it.id in chosen),
        tuple(it.id for it in ranked if it.id not in chosen),
    )


def _give_places(rules: LotteryRules, ranked: Sequence[Entrant]) -> set[str]:
    chosen: set[str] = set()
    if rules.reserved_order == "open_first":
        chosen |= {it.id for it in ranked[: rules.places - rules.reserved]}
    members = [it.id for it in ranked if it.is_member and it.id not in chosen]
    chosen |= set(members[: rules.reserved])
    rest = [it.id for it in ranked if it.id not in chosen]
    return chosen | set(rest[: rules.places - len(chosen)])


def _order(
    programme: str, rules: LotteryRules, seed: str, entrants: Collection[Entrant]
) -> list[str]:
    ids = sorted(entrant.id for entrant in entrants)
    if rules.method == "rfc3797":
        return [ids[number - 1] for number in rfc3797(seed, len(ids), len(ids))]
    return sorted(ids, key=lambda it: order_key(seed, programme, it))


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
    found = []
    if commitment(*parts, published.seed_source, published.entrants) != published.commitment:
        found.append("The applicants, the rules or the seed's source are not those committed to.")
    known = {entrant.id for entrant in published.entrants}
    if strangers := set(published.withdrawn) - known:
        found.append(f"Withdrawn without having been listed: {', '.join(sorted(strangers))}.")
    replayed = draw(*parts, published.seed, published.entrants, published.withdrawn)
    if replayed.selected != published.selected:
        found.append(_difference(replayed.selected, published.selected))
    return found


def _difference(replayed: tuple[str, ...], published: tuple[str, ...]) -> str:
    added = sorted(set(published) - set(replayed))
    missing = sorted(set(replayed) - set(published))
    if not added and not missing:
        return "The selected are the right ones, but not in the order of the draw."
    said = [f"selected without a place: {', '.join(added)}"] if added else []
    said += [f"left out: {', '.join(missing)}"] if missing else []
    return f"The draw gives another list; {'; '.join(said)}."
