"""The selection lottery: replayable, fair by its rules, and moved by nobody's withdrawal."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorbot.domain.errors import InvalidDraw
from mentorbot.domain.selection import (
    DrawFile,
    Entrant,
    LotteryRules,
    commitment,
    draw,
    mistakes,
    order_key,
    read_draw,
    rfc3797,
)

PROGRAMME, SEED, SOURCE = "mila", "3.14.15.92.65", "the 6/49 draw of 4 January, ascending"


def entrants_of(flags: list[tuple[bool, bool]]) -> list[Entrant]:
    """Applicants with (member, newcomer)."""
    return [
        Entrant(id=f"a{number:03d}", is_member=member, is_newcomer=newcomer)
        for number, (member, newcomer) in enumerate(flags)
    ]


entrants = st.lists(st.tuples(st.booleans(), st.booleans()), max_size=30).map(entrants_of)
rules = st.builds(
    lambda places, share, **others: LotteryRules(
        places=places, reserved=places * share // 100, **others
    ),
    st.integers(1, 20),
    st.integers(0, 100),
    reserved_order=st.sampled_from(["reserved_first", "open_first"]),
    newcomers_first=st.booleans(),
    method=st.sampled_from(["sha256", "rfc3797"]),
)
seeds = st.text("0123456789./", min_size=1, max_size=20)


def published(**changes: Any) -> DrawFile:
    """A draw of twelve people for five places, two of them reserved."""
    people = entrants_of([(number % 4 == 0, number % 3 > 0) for number in range(12)])
    plain = LotteryRules(places=5, reserved=2, newcomers_first=True)
    whole: dict[str, Any] = {
        "programme": PROGRAMME,
        "rules": plain,
        "seed_source": SOURCE,
        "entrants": tuple(people),
        "commitment": commitment(PROGRAMME, plain, SOURCE, people),
        "seed": SEED,
        "selected": draw(PROGRAMME, plain, SEED, people).selected,
    }
    return DrawFile(**(whole | changes))


def test_rfc_3797s_own_example_comes_out() -> None:
    key = "9319./2.5.8.10.12./9.18.26.34.41.45./"
    assert rfc3797(key, 25, 10) == [17, 7, 2, 16, 25, 23, 8, 24, 19, 13]


def test_order_key_is_what_a_shell_computes() -> None:
    # printf '3.14\nmila\na001' | sha256sum
    expected = "3ed5959d000092ef88f7db2a123ea8ee7dcc4c24b4c06c0035b7608d4257652f"
    assert order_key("3.14", "mila", "a001") == expected


@given(entrants, rules, seeds)
def test_every_place_is_given_while_somebody_wants_one(
    people: list[Entrant], plain: LotteryRules, seed: str
) -> None:
    drawn = draw(PROGRAMME, plain, seed, people)
    assert len(drawn.selected) == min(plain.places, len(people))
    assert sorted(drawn.selected + drawn.waiting) == sorted(it.id for it in people)


@given(entrants, rules, seeds, st.randoms(use_true_random=False))
def test_order_of_the_list_changes_nothing(
    people: list[Entrant], plain: LotteryRules, seed: str, random: Any
) -> None:
    shuffled = random.sample(people, len(people))
    assert draw(PROGRAMME, plain, seed, shuffled) == draw(PROGRAMME, plain, seed, people)


@given(entrants, rules, seeds)
def test_reserved_places_reach_members_while_there_are_any(
    people: list[Entrant], plain: LotteryRules, seed: str
) -> None:
    selected = set(draw(PROGRAMME, plain, seed, people).selected)
    members = {it.id for it in people if it.is_member}
    assert len(selected & members) >= min(plain.reserved, len(members))


@given(entrants, rules, seeds)
def test_open_first_gives_reserved_places_on_top(
    people: list[Entrant], plain: LotteryRules, seed: str
) -> None:
    on_top = plain.model_copy(update={"reserved_order": "open_first"})
    open_alone = plain.model_copy(update={"places": plain.places - plain.reserved, "reserved": 0})
    members = {it.id for it in people if it.is_member}
    gained = set(draw(PROGRAMME, on_top, seed, people).selected) & members
    won = set()
    if open_alone.places:
        won = set(draw(PROGRAMME, open_alone, seed, people).selected) & members
    assert len(gained) >= min(len(won) + plain.reserved, len(members))


@given(entrants, rules, seeds)
def test_nobody_waits_behind_somebody_the_rules_put_later(
    people: list[Entrant], plain: LotteryRules, seed: str
) -> None:
    """Whoever waits would have been before each selected person only where a reserve held them."""
    drawn = draw(PROGRAMME, plain, seed, people)
    by_id = {it.id: it for it in people}
    everyone = LotteryRules(
        places=max(len(people), 1), newcomers_first=plain.newcomers_first, method=plain.method
    )
    order = draw(PROGRAMME, everyone, seed, people).selected
    for waiting in drawn.waiting:
        later = [it for it in drawn.selected if order.index(it) > order.index(waiting)]
        assert all(by_id[it].is_member for it in later)
        assert not by_id[waiting].is_member or not later


@given(entrants, rules, seeds, st.data())
def test_a_withdrawal_moves_nobody_else_out(
    people: list[Entrant], plain: LotteryRules, seed: str, data: st.DataObject
) -> None:
    before = draw(PROGRAMME, plain, seed, people)
    gone = data.draw(st.sets(st.sampled_from(people).map(lambda it: it.id))) if people else set()
    after = draw(PROGRAMME, plain, seed, people, gone)
    assert set(before.selected) - gone <= set(after.selected)
    assert not gone & {*after.selected, *after.waiting}
    if not gone & set(before.selected):
        assert after.selected == before.selected


@given(entrants, seeds)
def test_newcomers_go_first_where_the_rules_say_so(people: list[Entrant], seed: str) -> None:
    plain = LotteryRules(places=3, newcomers_first=True)
    newcomers = {it.id for it in people if it.is_newcomer}
    selected = set(draw(PROGRAMME, plain, seed, people).selected)
    assert selected <= newcomers or newcomers <= selected


@given(entrants, rules, seeds)
def test_reserved_places_that_nobody_uses_are_open_to_all(
    people: list[Entrant], plain: LotteryRules, seed: str
) -> None:
    first = plain.model_copy(update={"reserved_order": "reserved_first"})
    members = sum(it.is_member for it in people)
    used = first.model_copy(update={"reserved": min(first.reserved, members)})
    assert draw(PROGRAMME, first, seed, people) == draw(PROGRAMME, used, seed, people)


@given(entrants, rules, seeds, st.data())
def test_those_who_stay_keep_their_order(
    people: list[Entrant], plain: LotteryRules, seed: str, data: st.DataObject
) -> None:
    ranked = plain.model_copy(update={"places": max(len(people), 1), "reserved": 0})
    gone = data.draw(st.sets(st.sampled_from(people).map(lambda it: it.id))) if people else set()
    before = draw(PROGRAMME, ranked, seed, people).selected
    after = draw(PROGRAMME, ranked, seed, people, gone).selected
    assert after == tuple(it for it in before if it not in gone)


@given(entrants, seeds, st.data())
def test_order_is_the_seeds_alone(people: list[Entrant], seed: str, data: st.DataObject) -> None:
    """Whoever is a member or came before, the rest of the rules being silent, stands the same."""
    plain = LotteryRules(places=max(len(people), 1))
    flags = data.draw(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=len(people)))
    others = entrants_of(flags[: len(people)])
    assert draw(PROGRAMME, plain, seed, people) == draw(PROGRAMME, plain, seed, others)
    keys = [order_key(seed, PROGRAMME, it) for it in draw(PROGRAMME, plain, seed, people).selected]
    assert keys == sorted(keys)


@given(entrants, rules, seeds)
def test_newcomers_fill_the_open_places_before_anybody_else(
    people: list[Entrant], plain: LotteryRules, seed: str
) -> None:
    first = plain.model_copy(update={"newcomers_first": True})
    drawn = draw(PROGRAMME, first, seed, people)
    by_id = {it.id: it for it in people}
    for came_before in (by_id[it] for it in drawn.selected if not by_id[it].is_newcomer):
        waiting = [it for it in drawn.waiting if by_id[it].is_newcomer]
        assert came_before.is_member or not waiting
        assert not [it for it in waiting if by_id[it].is_member]


def test_published_draw_is_read_and_replayed() -> None:
    assert mistakes(read_draw(published().model_dump_json())) == []


def test_anything_changed_afterwards_is_found_out() -> None:
    true = published()
    waiting = sorted({it.id for it in true.entrants} - set(true.selected))
    favoured = (*true.selected[:-1], waiting[0])
    assert f"selected without a place: {waiting[0]}" in mistakes(published(selected=favoured))[0]
    assert "order of the draw" in mistakes(published(selected=true.selected[::-1]))[0]
    assert mistakes(published(seed="another"))
    more = true.rules.model_copy(update={"places": 6})
    assert "not those committed to" in mistakes(published(rules=more))[0]
    assert "not those committed to" in mistakes(published(entrants=true.entrants[1:]))[0]
    assert "not those committed to" in mistakes(published(seed_source="a dream"))[0]
    assert "without having been listed: nobody" in mistakes(published(withdrawn=("nobody",)))[0]


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda it: it.pop("seed"), "seed"),
        (lambda it: it["rules"].update(places=0), "rules.places"),
        (lambda it: it["rules"].update(reserved=6), "more reserved places than places"),
        (lambda it: it["entrants"].append(it["entrants"][0]), "listed twice"),
        (lambda it: it["entrants"][0].update(name="Amara"), "entrants.0.name"),
        (lambda it: it.update(format="mentorbot-lottery-9"), "format"),
        (lambda it: it.update(commitment="abc"), "commitment"),
        (lambda it: it["entrants"][0].update(is_member="yes"), "entrants.0.is_member"),
    ],
)
def test_draw_that_makes_no_sense_is_named(spoil: Any, named: str) -> None:
    whole = json.loads(published().model_dump_json())
    spoil(whole)
    with pytest.raises(InvalidDraw, match=named):
        read_draw(json.dumps(whole))


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "\x00", '{"format": 1}'])
def test_what_is_no_draw_is_refused(text: str) -> None:
    with pytest.raises(InvalidDraw):
        read_draw(text)
