"""Matching by both sides' lists: stable, best for mentees, and large where mentors have ties."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentorbot.domain.matching.preferences import Market, Pair, Tiers, ranks
from mentorbot.domain.matching.two_sided import blocking_pairs, solve


def strictly(*names: str) -> Tiers:
    return tuple((name,) for name in names)


@st.composite
def tiers_of(draw: st.DrawFn, names: list[str], ties: bool) -> Tiers:
    """Some of the names in some order, parted into tiers."""
    order = draw(st.permutations(names))[: draw(st.integers(0, len(names)))]
    tiers: list[tuple[str, ...]] = []
    for name in order:
        if tiers and ties and draw(st.booleans()):
            tiers[-1] = (*tiers[-1], name)
        else:
            tiers.append((name,))
    return tuple(tiers)


@st.composite
def markets(
    draw: st.DrawFn, mentee_ties: bool = True, mentor_ties: bool = True, extras: bool = True
) -> Market:
    mentees = [f"a{it}" for it in range(draw(st.integers(1, 5)))]
    mentors = [f"m{it}" for it in range(draw(st.integers(1, 4)))]
    choices = {it: draw(tiers_of(mentors, mentee_ties)) for it in mentees}
    answers = {it: draw(tiers_of(mentees, mentor_ties)) for it in mentors}
    ceilings = {it: draw(st.integers(0, 3)) for it in mentors}
    pairs = st.tuples(st.sampled_from(mentees), st.sampled_from(mentors))
    forbidden = draw(st.frozensets(pairs, max_size=2)) if extras else frozenset()
    locks: frozenset[Pair] = frozenset()
    if extras and draw(st.booleans()):
        lock = draw(pairs)
        locks = frozenset({lock} - forbidden) if ceilings[lock[1]] else locks
    classes = {it: draw(st.integers(0, 1)) for it in mentees} if extras else {}
    return Market(
        choices, ceilings, answers, waiting_class=classes, locks=locks, forbidden=forbidden
    )


def matchings(market: Market) -> Iterator[dict[str, str | None]]:
    """Every way of giving mentees of their lists to mentors of theirs, within the places."""
    kept = dict(market.locks)
    options: list[list[str | None]] = []
    for mentee, tiers in market.choices.items():
        may = [
            mentor
            for mentor in ranks(tiers)
            if mentee in ranks(market.answers[mentor]) and (mentee, mentor) not in market.forbidden
        ]
        options.append([kept[mentee]] if mentee in kept else [None, *may])
    for chosen in product(*options):
        if all(chosen.count(it) <= market.ceilings[it] for it in market.ceilings):
            yield dict(zip(market.choices, chosen, strict=True))


def is_stable(market: Market, mentor_of: dict[str, str | None]) -> bool:
    """The definition, word for word, with nothing of the tested code but `ranks`."""
    for mentee, mentor in product(market.choices, market.ceilings):
        mine, theirs = ranks(market.choices[mentee]), ranks(market.answers[mentor])
        if mentor not in mine or mentee not in theirs or (mentee, mentor) in market.forbidden:
            continue
        if mentee in dict(market.locks):
            continue
        own = mentor_of[mentee]
        would_go = own is None or mine[mentor] < mine[own]
        there = [it for it, other in mentor_of.items() if other == mentor]
        would_take = len(there) < market.ceilings[mentor] or any(
            theirs[mentee] < theirs[it] for it in there if (it, mentor) not in market.locks
        )
        if would_go and would_take:
            return False
    return True


@settings(deadline=None, max_examples=60)
@given(markets())
def test_no_two_people_would_rather_have_each_other(market: Market) -> None:
    found = solve(market)
    assert is_stable(market, dict.fromkeys(market.choices) | dict(found.pairs))
    assert market.locks <= set(found.pairs)
    assert not market.forbidden & set(found.pairs)


@settings(deadline=None, max_examples=60)
@given(markets(), st.data())
def test_blocking_pairs_are_seen_in_any_matching(market: Market, data: st.DataObject) -> None:
    mentor_of = data.draw(st.sampled_from(list(matchings(market))))
    pairs = [(mentee, mentor) for mentee, mentor in mentor_of.items() if mentor is not None]
    assert (blocking_pairs(market, pairs) == []) == is_stable(market, mentor_of)


@settings(deadline=None, max_examples=60)
@given(markets(mentee_ties=False, mentor_ties=False))
def test_without_ties_every_mentee_has_the_best_that_any_stable_matching_gives(
    market: Market,
) -> None:
    found = dict(solve(market).pairs)
    for other in matchings(market):
        if not is_stable(market, other):
            continue
        for mentee, mentor in other.items():
            listed = ranks(market.choices[mentee])
            if mentor in listed and mentee not in dict(market.locks):
                assert listed[found[mentee]] <= listed[mentor]


@settings(deadline=None, max_examples=60)
@given(markets(mentee_ties=False, extras=False))
def test_with_mentors_ties_at_least_two_thirds_of_the_most_are_matched(market: Market) -> None:
    most = max(
        sum(mentor is not None for mentor in it.values())
        for it in matchings(market)
        if is_stable(market, it)
    )
    assert 3 * len(solve(market).pairs) >= 2 * most


def test_a_mentee_turned_down_by_all_wins_a_tie_the_second_time() -> None:
    """Whichever of the two the tie would fall to, both are matched."""
    for eager, patient in (("a", "b"), ("b", "a")):
        choices = {eager: strictly("m", "n"), patient: strictly("m")}
        answers = {"m": (("a", "b"),), "n": strictly(eager)}
        found = solve(Market(choices, {"m": 1, "n": 1}, answers))
        assert found.pairs == tuple(sorted([(eager, "n"), (patient, "m")]))


@settings(deadline=None, max_examples=60)
@given(markets(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(market: Market, random: object) -> None:
    def shuffled(given_: dict[str, object]) -> dict[str, object]:
        items = list(given_.items())
        random.shuffle(items)  # type: ignore[attr-defined]
        return dict(items)

    def reordered(lists: dict[str, Tiers]) -> dict[str, Tiers]:
        return {it: tuple(tuple(reversed(tier)) for tier in tiers) for it, tiers in lists.items()}

    other = replace(
        market,
        choices=shuffled(reordered(dict(market.choices))),
        answers=shuffled(reordered(dict(market.answers))),
        ceilings=shuffled(dict(market.ceilings)),
    )
    assert solve(other) == solve(market)


def test_of_those_a_mentor_likes_alike_whoever_was_left_out_before_comes_first() -> None:
    for early, late in (("a", "b"), ("b", "a")):
        market = Market(
            {"a": strictly("m"), "b": strictly("m")},
            {"m": 1},
            {"m": (("a", "b"),)},
            waiting_class={early: 0, late: 1},
        )
        assert solve(market).pairs == ((early, "m"),)


def table(men: str, women: str, ranking: str) -> Market:
    """A ranking matrix as Gale and Shapley print it: his rank of her, her rank of him."""
    rows = [[tuple(map(int, it.split(","))) for it in row.split()] for row in ranking.split("/")]
    choices = {
        man: strictly(*sorted(women, key=lambda it: rows[y][women.index(it)][0]))
        for y, man in enumerate(men)
    }
    answers = {
        woman: strictly(*sorted(men, key=lambda it: rows[men.index(it)][x][1]))
        for x, woman in enumerate(women)
    }
    return Market(choices, dict.fromkeys(women, 1), answers)


GALE_SHAPLEY_1 = table("abc", "ABC", "1,3 2,2 3,1 / 3,1 1,3 2,2 / 2,2 3,1 1,3")
GALE_SHAPLEY_3 = table(
    "abcd", "ABCD", "1,3 2,3 3,2 4,3 / 1,4 4,1 3,3 2,2 / 2,2 1,4 3,4 4,1 / 4,1 2,2 3,1 1,4"
)
"""Examples 1 and 3 of "College Admissions and the Stability of Marriage" (1962)."""


@pytest.mark.parametrize(
    ("market", "how_many", "expected"),
    [
        (GALE_SHAPLEY_1, 3, "aA bB cC"),
        (GALE_SHAPLEY_3, 1, "aC bD cA dB"),
    ],
)
def test_gale_and_shapleys_own_examples_come_out(
    market: Market, how_many: int, expected: str
) -> None:
    assert sum(is_stable(market, it) for it in matchings(market)) == how_many
    assert solve(market).pairs == tuple((it[0], it[1]) for it in expected.split())
