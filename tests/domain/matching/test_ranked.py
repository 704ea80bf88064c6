"""Matching by mentees' lists: each order against every matching there is, and its proof."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentorbot.domain.matching.best import solve as solve_by_score
from mentorbot.domain.matching.flow import NoFlow
from mentorbot.domain.matching.preferences import Market, Pair, Tiers, digest, ranks
from mentorbot.domain.matching.problem import ArrayScores, Problem
from mentorbot.domain.matching.ranked import Choice, Order, Ranked, Stage, solve, verify

ORDERS = st.sampled_from(list(Order))


@st.composite
def tiers_of(draw: st.DrawFn, names: list[str]) -> Tiers:
    order = draw(st.permutations(names))[: draw(st.integers(0, len(names)))]
    tiers: list[tuple[str, ...]] = []
    for name in order:
        if tiers and draw(st.integers(0, 3)) == 0:
            tiers[-1] = (*tiers[-1], name)
        else:
            tiers.append((name,))
    return tuple(tiers)


@st.composite
def markets(draw: st.DrawFn, floors: bool = True) -> Market:
    mentees = [f"a{it}" for it in range(draw(st.integers(1, 5)))]
    mentors = [f"m{it}" for it in range(draw(st.integers(1, 4)))]
    pairs = st.tuples(st.sampled_from(mentees), st.sampled_from(mentors))
    ceilings = {it: draw(st.integers(0, 3)) for it in mentors}
    forbidden = draw(st.frozensets(pairs, max_size=2))
    return Market(
        {it: draw(tiers_of(mentors)) for it in mentees},
        ceilings,
        floors={it: draw(st.integers(0, ceilings[it])) for it in mentors if floors},
        wants={it: draw(st.sampled_from([1, 1, 1, 2, 0])) for it in mentees},
        waiting_class={it: draw(st.sampled_from([0, 0, 1])) for it in mentees},
        locks=draw(st.frozensets(pairs, max_size=1)) - forbidden,
        forbidden=forbidden,
        draft=draw(st.frozensets(pairs, max_size=2)),
    )


def matchings(market: Market) -> Iterator[frozenset[Pair]]:
    """Every matching that keeps to all rules."""
    options = []
    for mentee, tiers in market.choices.items():
        locked = {mentor for one, mentor in market.locks if one == mentee}
        may = sorted(
            it for it in ranks(tiers).keys() | locked if (mentee, it) not in market.forbidden
        )
        options.append(
            [
                chosen
                for size in range(market.wanted(mentee) + 1)
                for chosen in combinations(may, size)
                if locked <= set(chosen)
            ]
        )
    for those in product(*options):
        pairs = frozenset(
            (mentee, mentor)
            for mentee, chosen in zip(market.choices, those, strict=True)
            for mentor in chosen
        )
        sizes = {it: sum(mentor == it for _, mentor in pairs) for it in market.ceilings}
        if all(
            size == 0 or market.floor(it) <= size <= market.ceilings[it]
            for it, size in sizes.items()
        ):
            yield pairs


def worth(market: Market, order: Order, pairs: frozenset[Pair]) -> tuple[int, ...]:
    """What an order minimises, in words of its own: smaller is better."""
    listed = {mentee: ranks(tiers) for mentee, tiers in market.choices.items()}
    given_ = [listed[mentee].get(mentor, 0) for mentee, mentor in pairs]
    deepest = max((rank for it in listed.values() for rank in it.values()), default=0)
    classes = sorted({market.class_of(it) for it in market.choices})
    has = [mentee for mentee, _ in pairs]
    left_out = [
        sum(
            market.wanted(it) > 0 and it not in has
            for it in market.choices
            if market.class_of(it) == number
        )
        for number in classes
    ]
    missing = [
        sum(
            market.wanted(it) - has.count(it)
            for it in market.choices
            if market.class_of(it) == number
        )
        for number in classes
    ]
    firsts = [-given_.count(rank) for rank in range(1, deepest + 1)]
    lasts = [given_.count(rank) for rank in range(deepest, 1, -1)]
    kept = -len(pairs & market.draft)
    by_digest = sum(digest(*pair) >> 216 for pair in pairs)
    head = {
        Order.GREEDY_MAXIMUM: (*left_out, *missing, *firsts),
        Order.GENEROUS: (*left_out, *missing, *lasts),
        Order.RANK_MAXIMAL: (*left_out[:-1], *firsts),
    }[order]
    return (*head, kept, by_digest)


def pairs_of(found: Ranked) -> frozenset[Pair]:
    return frozenset((it.mentee, it.mentor) for it in found.pairs)


@settings(deadline=None, max_examples=60)
@given(markets(), ORDERS)
def test_every_order_is_the_best_of_all_matchings(market: Market, order: Order) -> None:
    every = list(matchings(market))
    if not every:
        with pytest.raises(NoFlow):
            solve(market, order)
        return
    best = min(every, key=lambda it: worth(market, order, it))
    found = solve(market, order)
    assert pairs_of(found) == best
    assert found.bound == found.stages
    assert found.most == max(len({mentee for mentee, _ in it}) for it in every)


@settings(deadline=None, max_examples=60)
@given(markets(floors=False), ORDERS)
def test_a_matching_proves_itself_without_a_solver(market: Market, order: Order) -> None:
    try:
        found = solve(market, order)
    except NoFlow:
        return
    assert verify(market, order, found)


@settings(deadline=None, max_examples=60)
@given(markets(floors=False), ORDERS, st.data())
def test_no_other_matching_passes_with_that_proof(
    market: Market, order: Order, data: st.DataObject
) -> None:
    try:
        found = solve(market, order)
    except NoFlow:
        return
    others = [it for it in matchings(market) if it != pairs_of(found)]
    if not others:
        return
    chosen = data.draw(st.sampled_from(others))
    pairs = tuple(sorted(Choice(*it, ranks(market.choices[it[0]]).get(it[1], 0)) for it in chosen))
    assert not verify(market, order, replace(found, pairs=pairs))


TWO_WANT_ONE = Market(
    {"a": (("m",), ("n",)), "b": (("m",),), "c": (("n",), ("m",))}, {"m": 1, "n": 1}
)


@pytest.mark.parametrize(
    "change",
    [
        lambda it: replace(it, stages=(Stage("left_out", 0, 0), *it.stages[1:])),
        lambda it: replace(it, proof=None),
        lambda it: replace(it, proof=replace(it.proof, ends=it.proof.ends[:-1])),
        lambda it: replace(
            it,
            proof=replace(
                it.proof,
                mentees=({"a": 7, "b": -9}, *it.proof.mentees[1:]),
            ),
        ),
        lambda it: replace(it, pairs=(Choice("a", "m", 2), *it.pairs[1:])),
        lambda it: replace(it, pairs=(*it.pairs, it.pairs[0])),
        lambda it: replace(it, pairs=(*it.pairs, Choice("b", "stranger", 1))),
    ],
)
def test_a_spoilt_result_is_refused(change: object) -> None:
    found = solve(TWO_WANT_ONE)
    assert verify(TWO_WANT_ONE, Order.GREEDY_MAXIMUM, found)
    spoilt = change(found)  # type: ignore[operator]
    assert not verify(TWO_WANT_ONE, Order.GREEDY_MAXIMUM, spoilt)


@settings(deadline=None, max_examples=60)
@given(markets(), ORDERS, st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_nothing(
    market: Market, order: Order, random: object
) -> None:
    choices, ceilings = list(market.choices.items()), list(market.ceilings.items())
    random.shuffle(choices)  # type: ignore[attr-defined]
    random.shuffle(ceilings)  # type: ignore[attr-defined]
    other = replace(
        market,
        choices={it: tuple(tier[::-1] for tier in tiers) for it, tiers in choices},
        ceilings=dict(ceilings),
    )
    try:
        found = solve(market, order)
    except NoFlow:
        return
    assert solve(other, order) == found


def test_the_three_orders_differ_as_they_say() -> None:
    """Greedy takes a third choice for two first ones, generous two second ones instead."""
    market = Market(
        {"a": (("m",), ("n",)), "b": (("m",), ("n",), ("o",)), "c": (("n",), ("o",))},
        {"m": 1, "n": 1, "o": 1},
    )
    told = {order: sorted(it.rank for it in solve(market, order).pairs) for order in Order}
    assert told == {
        Order.GREEDY_MAXIMUM: [1, 1, 3],
        Order.GENEROUS: [1, 2, 2],
        Order.RANK_MAXIMAL: [1, 1, 3],
    }


def test_rank_maximal_says_how_many_it_leaves_out_for_first_choices() -> None:
    market = Market(
        {"a": (("n",), ("o",)), "b": (("m",),), "c": (("m",), ("n",))}, {"m": 1, "n": 1, "o": 1}
    )
    found = solve(market, Order.RANK_MAXIMAL)
    assert [it.rank for it in found.pairs] == [1, 1]
    assert found.most == 3


def test_a_group_opens_with_its_least_number_or_not_at_all() -> None:
    choices = dict.fromkeys("abc", (("group",), ("one",))) | {"d": (("one",),)}
    market = Market(choices, {"group": 4, "one": 1}, floors={"group": 3})
    assert solve(market).stages[0] == Stage("left_out", 0, 0)
    too_few = replace(market, floors={"group": 4})
    assert len(solve(too_few).pairs) == 1
    assert solve(too_few).proof is None


def test_too_many_small_groups_are_closed_and_the_bound_is_told() -> None:
    choices = {f"a{it}": ((f"m{it}",), ("other",)) for it in range(4)}
    ceilings = {f"m{it}": 2 for it in range(4)} | {"other": 2}
    market = Market(choices, ceilings, floors=dict.fromkeys(ceilings, 2))
    found = solve(market, branches=1)
    assert len(found.pairs) == 2
    assert found.bound[0].value < found.stages[0].value


def test_progress_names_every_measure() -> None:
    told: list[tuple[str, int]] = []
    solve(TWO_WANT_ONE, progress=lambda code, number: told.append((code, number)))
    assert told == [("left_out", 0), ("choice", 1), ("choice", 2)]


def test_what_the_inner_solver_refuses_is_no_answer() -> None:
    """A cost beyond its range ends the matching; nothing is made up."""
    from mentorbot.domain.matching.flow import Face, Network

    with pytest.raises(ArithmeticError):
        Face(Network([0], [1], [0], [1], [1, -1])).minimise([1 << 62])


def test_a_third_mentor_waits_for_everybodys_second_by_score_and_goes_by_choice_on_lists() -> None:
    mentors = ["m0", "m1", "m2", "m3"]
    market = Market(
        {"ana": (("m0", "m1", "m2"),), "bo": (("m3",), ("m2",))},
        dict.fromkeys(mentors, 1),
        wants={"ana": 3, "bo": 3},
    )
    by_lists = solve(market)
    assert [it.mentor for it in by_lists.pairs if it.mentee == "ana"] == ["m0", "m1", "m2"]
    assert Stage("missing", 0, 2) in by_lists.stages
    scores = ArrayScores([[900, 900, 900, -1], [-1, -1, 100, 900]])
    by_score = solve_by_score(Problem.of(["ana", "bo"], mentors, scores, ceilings=1, wants=3))
    assert [it.mentor_id for it in by_score.pairs if it.mentee_id == "bo"] == ["m2", "m3"]
