"""The equity report shows no small count, and none can be computed from what it shows."""

from collections.abc import Iterator, Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentorbot.domain.equity import LEAST, STAGES, suppress, table

SMALL = 2
"""A smallest count with which every table that fits a report can be listed."""


def sinking(most: int, stages: int) -> st.SearchStrategy[tuple[int, ...]]:
    counts = st.lists(st.integers(0, most), min_size=stages, max_size=stages)
    return counts.map(lambda it: tuple(sorted(it, reverse=True)))


def tables(most: int, stages: int, groups: int) -> st.SearchStrategy[dict[str, tuple[int, ...]]]:
    rows = st.lists(sinking(most, stages), min_size=2, max_size=groups)
    return rows.map(lambda it: {f"g{number}": row for number, row in enumerate(it)})


def fitting(
    known: dict[str, tuple[int, ...]], begins: dict[str, int]
) -> Iterator[list[Sequence[int]]]:
    """Every table that a reader may think of: what is shown, the totals, and rows that sink."""
    stages = len(next(iter(known.values())))
    totals = [sum(row[at] for row in known.values()) for at in range(stages)]
    choices = []
    for group, row in known.items():
        shown = row[: begins[group]]
        most = shown[-1] if shown else totals[0]
        tails = product(range(most, -1, -1), repeat=stages - len(shown))
        choices.append([(*shown, *it) for it in tails if list(it) == sorted(it, reverse=True)])
    for found in product(*choices):
        if [sum(column) for column in zip(*found, strict=True)] == totals:
            yield list(found)


@settings(max_examples=150, deadline=None)
@given(tables(4, 3, 3))
def test_no_suppressed_count_can_be_computed(known: dict[str, tuple[int, ...]]) -> None:
    begins = suppress(known, SMALL)
    possible = list(fitting(known, begins))
    assert list(known.values()) in [list(it) for it in possible]
    for number, group in enumerate(known):
        for stage in range(begins[group], 3):
            total = sum(row[stage] for row in known.values())
            values = {found[number][stage] for found in possible}
            is_all = all(begin <= stage for begin in begins.values())
            assert len(values) > 1 or (is_all and _says_nothing(known, begins, stage, total))


def _says_nothing(
    known: dict[str, tuple[int, ...]], begins: dict[str, int], stage: int, total: int
) -> bool:
    """Where nobody is left, or nobody has dropped out, the total alone says all of it."""
    before = [row[begins[group] - 1] for group, row in known.items() if begins[group]]
    return total == 0 or (len(before) == len(known) and sum(before) == total)


@given(tables(40, len(STAGES), 6))
def test_no_count_under_five_is_shown(known: dict[str, tuple[int, ...]]) -> None:
    shown = table(known)
    for row in shown.rows.values():
        assert all(count is None or count >= LEAST for count in row)


@given(tables(40, len(STAGES), 6))
def test_what_is_shown_is_true(known: dict[str, tuple[int, ...]]) -> None:
    shown = table(known)
    for group, row in shown.rows.items():
        assert all(n is None or n == known[group][at] for at, n in enumerate(row))
    totals = [sum(column) for column in zip(*known.values(), strict=True)]
    assert list(shown.totals) == totals[: len(shown.stages)]


def test_one_small_count_takes_the_smallest_other_along() -> None:
    known = {"a": (20, 18, 12, 0), "b": (9, 8, 6, 0), "c": (12, 9, 3, 0)}
    shown = table(known)
    assert shown.stages == ("applied", "approved", "selected")
    assert shown.rows == {"a": (20, 18, 12), "b": (9, 8, None), "c": (12, 9, None)}
    assert shown.totals == (41, 35, 21)


def test_all_counts_are_shown_where_none_is_small() -> None:
    assert table({"a": (9, 8, 7, 6), "b": (8, 7, 6, 5)}).rows == {
        "a": (9, 8, 7, 6),
        "b": (8, 7, 6, 5),
    }


@pytest.mark.parametrize(("count", "shown"), [(3, None), (30, 30)])
def test_total_of_one_group_alone_is_that_groups_count(count: int, shown: int | None) -> None:
    found = table({"not said": (count, 0, 0, 0)})
    assert found.totals == (shown,)
    assert found.rows == {"not said": (shown,)}


def test_report_of_nobody_is_empty() -> None:
    assert table({}).rows == {}
    assert table({"a": (0, 0, 0, 0)}).stages == ()
