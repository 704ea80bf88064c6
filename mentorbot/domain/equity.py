"""The equity report: how far each group has come, with nothing in it that tells of a few people.

A count under `LEAST` is suppressed, and then as many others as it takes that none of those left
out can be computed from what is shown. Rule of small cells, and of complementary suppression: as in
Hundepool et al., Statistical Disclosure Control (2012), chapter 4.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

LEAST = 5
"""The smallest count of people that is shown."""
STAGES = ("applied", "approved", "selected", "paired")


@dataclass(frozen=True)
class Table:
    """How many of each group have come to each stage; None is suppressed.

    `stages` are those that anybody has come to. Each row sinks: who has come to a stage has come
    to those before.
    """

    stages: tuple[str, ...]
    totals: tuple[int | None, ...]
    rows: Mapping[str, tuple[int | None, ...]]


def table(counts: Mapping[str, Sequence[int]]) -> Table:
    """The report of some groups, whose counts go by `STAGES` or the first of them."""
    totals = [sum(column) for column in zip(*counts.values(), strict=True)]
    reached = sum(total > 0 for total in totals)
    known = {group: tuple(row[:reached]) for group, row in counts.items()}
    begins = suppress(known)
    hidden = len(known) == 1 and min(begins.values(), default=0)
    return Table(
        STAGES[:reached],
        tuple(
            None if len(known) == 1 and stage >= hidden else total
            for stage, total in enumerate(totals[:reached])
        ),
        {
            group: tuple(None if at >= begins[group] else n for at, n in enumerate(row))
            for group, row in known.items()
        },
    )


def suppress(known: Mapping[str, Sequence[int]], least: int = LEAST) -> dict[str, int]:
    """The stage from which on each group is suppressed; the number of stages where none is.

    A row that sinks below `least` stays there. Where the rest could be computed, the smallest of
    the other groups is suppressed from that stage on, too.
    """
    begins = {
        group: next((at for at, n in enumerate(row) if n < least), len(row))
        for group, row in known.items()
    }
    while (stage := _computable(known, begins)) is not None:
        shown = [group for group in known if begins[group] > stage]
        begins[min(shown, key=lambda it: (known[it][stage], it))] = stage
    return begins


def _computable(known: Mapping[str, Sequence[int]], begins: Mapping[str, int]) -> int | None:
    """The first stage with a suppressed count that has one possible value, and others shown."""
    stages = max(map(len, known.values()), default=0)
    for stage in range(stages):
        left_out = {group for group in known if begins[group] <= stage}
        if len(left_out) == len(known):
            continue
        for group in left_out:
            low, high = _bounds(known, begins, stage, group)
            if low == high:
                return stage
    return None


def _bounds(
    known: Mapping[str, Sequence[int]], begins: Mapping[str, int], stage: int, group: str
) -> tuple[int, int]:
    """Between what a reader of the report can tell a suppressed count to be."""
    stages = len(known[group])
    rest = [_rest(known, begins, at) for at in range(stages)]
    highest = min(
        rest[begins[group] : stage + 1]
        + ([known[group][begins[group] - 1]] if begins[group] else [])
    )
    lowest = max(
        rest[at] - _room(known, begins, rest, at, set(known) - {group})
        for at in range(stage, stages)
    )
    return max(0, lowest), highest


def _rest(known: Mapping[str, Sequence[int]], begins: Mapping[str, int], stage: int) -> int:
    """What the suppressed counts of a stage add up to: a reader takes it from the total."""
    return sum(row[stage] for group, row in known.items() if begins[group] <= stage)


def _room(
    known: Mapping[str, Sequence[int]],
    begins: Mapping[str, int],
    rest: Sequence[int],
    stage: int,
    groups: Collection[str],
) -> int:
    """How many of a stage's suppressed people could be in some groups."""
    room = 0
    for at in range(stage + 1):
        coming = [group for group in groups if begins[group] == at]
        room += sum(known[it][at - 1] if at else rest[0] for it in coming)
        room = min(room, rest[at])
    return room
