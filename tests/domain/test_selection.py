"""The selection lottery: replayable, fair by its rules, and moved by nobody's withdrawal."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorbot.domain.draws import ticket_of
from mentorbot.domain.errors import InvalidDraw
from mentorbot.domain.selection import (
    DrawFile,
    Drawn,
    LotteryRules,
    Trait,
    draw,
    mistakes,
    order_key,
    read_draw,
    rfc3797,
    sealed,
)
from tests.lottery import SALT, drawn_file

PROGRAMME, SEED = "mila", "3.14.15.92.65"
People = dict[str, tuple[bool, bool]]
"""Applicants by id: whether each is a member, and a newcomer."""
flags = st.lists(st.tuples(st.booleans(), st.booleans()), max_size=30)


def people_of(said: list[tuple[bool, bool]]) -> People:
    return {f"a{number:03d}": both for number, both in enumerate(said)}


crowds = flags.map(people_of)
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


def drawn_from(people: People, plain: LotteryRules, seed: str, gone: Any = ()) -> Drawn:
    def knows(trait: Trait, who: str) -> bool:
        return people[who][trait == "newcomer"]

    return draw(PROGRAMME, plain, seed, people, knows, gone)


def members_of(people: People) -> set[str]:
    return {who for who, (is_member, _newcomer) in people.items() if is_member}


def newcomers_of(people: People) -> set[str]:
    return {who for who, (_member, is_newcomer) in people.items() if is_newcomer}


def published(plain: LotteryRules | None = None) -> DrawFile:
    """A draw of twelve people for five places, two of them reserved; one has withdrawn."""
    said = [(number % 4 == 0, number % 3 > 0) for number in range(12)]
    return drawn_file(
        plain or LotteryRules(places=5, reserved=2, newcomers_first=True), said, SEED, [3]
    )


def test_rfc_3797s_own_example_comes_out() -> None:
    key = "9319./2.5.8.10.12./9.18.26.34.41.45./"
    assert rfc3797(key, 25, 10) == [17, 7, 2, 16, 25, 23, 8, 24, 19, 13]


def test_order_key_is_what_a_shell_computes() -> None:
    # printf '3.14\nmila\na001' | sha256sum
    expected = "3ed5959d000092ef88f7db2a123ea8ee7dcc4c24b4c06c0035b7608d4257652f"
    assert order_key("3.14", "mila", "a001") == expected


@given(crowds, rules, seeds)
def test_every_place_is_given_while_somebody_wants_one(
    people: People, plain: LotteryRules, seed: str
) -> None:
    drawn = drawn_from(people, plain, seed)
    assert len(drawn.selected) == min(plain.places, len(people))
    assert sorted(drawn.selected + drawn.unplaced) == sorted(people)


@given(crowds, rules, seeds, st.randoms(use_true_random=False))
def test_order_of_the_list_changes_nothing(
    people: People, plain: LotteryRules, seed: str, random: Any
) -> None:
    shuffled = dict(random.sample(list(people.items()), len(people)))
    assert drawn_from(shuffled, plain, seed) == drawn_from(people, plain, seed)


@given(crowds, rules, seeds)
def test_reserved_places_reach_members_while_there_are_any(
    people: People, plain: LotteryRules, seed: str
) -> None:
    selected = set(drawn_from(people, plain, seed).selected)
    members = members_of(people)
    assert len(selected & members) >= min(plain.reserved, len(members))


@given(crowds, rules, seeds)
def test_open_first_gives_reserved_places_on_top(
    people: People, plain: LotteryRules, seed: str
) -> None:
    on_top = plain.model_copy(update={"reserved_order": "open_first"})
    open_alone = plain.model_copy(update={"places": plain.places - plain.reserved, "reserved": 0})
    members = members_of(people)
    gained = set(drawn_from(people, on_top, seed).selected) & members
    won = set()
    if open_alone.places:
        won = set(drawn_from(people, open_alone, seed).selected) & members
    assert len(gained) >= min(len(won) + plain.reserved, len(members))


@given(crowds, rules, seeds)
def test_nobody_waits_behind_somebody_the_rules_put_later(
    people: People, plain: LotteryRules, seed: str
) -> None:
    """Whoever waits would have been before each selected person only where a reserve held them."""
    drawn = drawn_from(people, plain, seed)
    everyone = LotteryRules(
        places=max(len(people), 1), newcomers_first=plain.newcomers_first, method=plain.method
    )
    order = drawn_from(people, everyone, seed).selected
    for waiting in drawn.unplaced:
        later = [it for it in drawn.selected if order.index(it) > order.index(waiting)]
        assert set(later) <= members_of(people)
        assert waiting not in members_of(people) or not later


@given(crowds, rules, seeds, st.data())
def test_a_withdrawal_moves_nobody_else_out(
    people: People, plain: LotteryRules, seed: str, data: st.DataObject
) -> None:
    before = drawn_from(people, plain, seed)
    gone = data.draw(st.sets(st.sampled_from(sorted(people)))) if people else set()
    after = drawn_from(people, plain, seed, gone)
    assert set(before.selected) - gone <= set(after.selected)
    assert not gone & {*after.selected, *after.unplaced}
    if not gone & set(before.selected):
        assert after.selected == before.selected


@given(crowds, seeds)
def test_newcomers_go_first_where_the_rules_say_so(people: People, seed: str) -> None:
    plain = LotteryRules(places=3, newcomers_first=True)
    newcomers = newcomers_of(people)
    selected = set(drawn_from(people, plain, seed).selected)
    assert selected <= newcomers or newcomers <= selected


@given(crowds, rules, seeds)
def test_reserved_places_that_nobody_uses_are_open_to_all(
    people: People, plain: LotteryRules, seed: str
) -> None:
    first = plain.model_copy(update={"reserved_order": "reserved_first"})
    members = len(members_of(people))
    used = first.model_copy(update={"reserved": min(first.reserved, members)})
    assert drawn_from(people, first, seed) == drawn_from(people, used, seed)


@given(crowds, rules, seeds, st.data())
def test_those_who_stay_keep_their_order(
    people: People, plain: LotteryRules, seed: str, data: st.DataObject
) -> None:
    ranked = plain.model_copy(update={"places": max(len(people), 1), "reserved": 0})
    gone = data.draw(st.sets(st.sampled_from(sorted(people)))) if people else set()
    before = drawn_from(people, ranked, seed).selected
    after = drawn_from(people, ranked, seed, gone).selected
    assert after == tuple(it for it in before if it not in gone)


@given(crowds, seeds, st.data())
def test_order_is_the_seeds_alone(people: People, seed: str, data: st.DataObject) -> None:
    """Whoever is a member or came before, the rest of the rules being silent, stands the same."""
    plain = LotteryRules(places=max(len(people), 1))
    said = data.draw(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=len(people)))
    others = people_of(said[: len(people)])
    assert drawn_from(people, plain, seed) == drawn_from(others, plain, seed)
    keys = [order_key(seed, PROGRAMME, it) for it in drawn_from(people, plain, seed).selected]
    assert keys == sorted(keys)


@given(crowds, rules, seeds)
def test_newcomers_fill_the_open_places_before_anybody_else(
    people: People, plain: LotteryRules, seed: str
) -> None:
    first = plain.model_copy(update={"newcomers_first": True})
    drawn = drawn_from(people, first, seed)
    members, newcomers = members_of(people), newcomers_of(people)
    waiting = set(drawn.unplaced) & newcomers
    for came_before in set(drawn.selected) - newcomers:
        assert came_before in members or not waiting
        assert not waiting & members


@given(crowds, rules, seeds)
def test_reserved_first_adds_members_only_up_to_the_reserve(
    people: People, plain: LotteryRules, seed: str
) -> None:
    """As many members as would win without any reserve, and `reserved` where those are fewer."""
    first = plain.model_copy(update={"reserved_order": "reserved_first"})
    none_reserved = plain.model_copy(update={"reserved": 0})
    members = members_of(people)
    won = len(set(drawn_from(people, none_reserved, seed).selected) & members)
    gained = len(set(drawn_from(people, first, seed).selected) & members)
    assert gained == max(won, min(plain.reserved, len(members)))


@given(crowds, rules, seeds)
def test_open_first_leaves_members_no_worse_than_reserved_first(
    people: People, plain: LotteryRules, seed: str
) -> None:
    members = members_of(people)
    won = {
        order: set(
            drawn_from(people, plain.model_copy(update={"reserved_order": order}), seed).selected
        )
        for order in ("reserved_first", "open_first")
    }
    assert won["reserved_first"] & members <= won["open_first"] & members
    assert won["open_first"] - members <= won["reserved_first"] - members


@given(crowds, rules, seeds)
def test_where_nothing_is_reserved_both_orders_are_one(
    people: People, plain: LotteryRules, seed: str
) -> None:
    none_reserved = plain.model_copy(update={"reserved": 0})
    either = {
        drawn_from(people, none_reserved.model_copy(update={"reserved_order": order}), seed)
        for order in ("reserved_first", "open_first")
    }
    assert len(either) == 1


@given(crowds, rules, seeds, st.data())
def test_place_more_takes_none_from_anybody(
    people: People, plain: LotteryRules, seed: str, data: st.DataObject
) -> None:
    more = plain.model_copy(update={"places": plain.places + data.draw(st.integers(1, 5))})
    before, after = (set(drawn_from(people, it, seed).selected) for it in (plain, more))
    assert before <= after


@given(flags, rules, seeds, st.data())
def test_file_of_a_draw_proves_it_and_opens_nothing_that_it_can_leave_closed(
    said: list[tuple[bool, bool]], plain: LotteryRules, seed: str, data: st.DataObject
) -> None:
    gone = data.draw(st.sets(st.sampled_from(range(len(said))))) if said else set()
    file = drawn_file(plain, said, seed, gone)
    assert mistakes(read_draw(file.text())) == []
    by_id = {it.id: it for it in file.entrants}
    open_seals = {
        (it.id, trait) for it in file.entrants for trait, seal in it.seals() if seal.secret
    }
    assert not {who for who, _trait in open_seals} & set(file.withdrawn)
    without_place = set(by_id) - set(file.selected) - set(file.withdrawn)
    assert not any((seal := by_id[it].member) and seal.value for it in without_place)
    for who, trait in open_seals:
        closed = {trait: {"digest": dict(by_id[who].seals())[trait].digest}}
        entrants = [it | closed if it["id"] == who else it for it in _plain(file)["entrants"]]
        again = DrawFile.model_validate_json(json.dumps(_plain(file) | {"entrants": entrants}))
        assert mistakes(again) == [f"Left closed, though the draw goes by it: {trait} of {who}."]


def _plain(file: DrawFile) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.text())
    return found


@given(flags, rules, seeds, st.data())
def test_order_of_the_waiting_list_tells_nobody_who_is_a_member(
    said: list[tuple[bool, bool]], plain: LotteryRules, seed: str, data: st.DataObject
) -> None:
    """Those who wait do so in an order of their own: no other answers of theirs would change it."""
    file = drawn_file(plain, said, seed)
    keys = [order_key(seed, file.programme, it) for it in file.waiting]
    if plain.method == "sha256" and not plain.newcomers_first:
        assert keys == sorted(keys)
    answers = data.draw(st.lists(st.booleans(), min_size=len(said), max_size=len(said)))
    others = [(answer, new) for answer, (_old, new) in zip(answers, said, strict=True)]
    again = drawn_file(plain, others, seed)
    both = set(file.waiting) & set(again.waiting)
    assert [it for it in file.waiting if it in both] == [it for it in again.waiting if it in both]


@given(st.lists(st.booleans(), max_size=30), seeds)
def test_newcomers_are_first_on_the_waiting_list_where_the_rules_say_so(
    said: list[bool], seed: str
) -> None:
    plain = LotteryRules(places=3, newcomers_first=True)
    file = drawn_file(plain, [(False, is_new) for is_new in said], seed)
    new = {ticket_of(SALT, f"a{at}") for at, is_new in enumerate(said) if is_new}
    is_new = [it in new for it in file.waiting]
    assert is_new == sorted(is_new, reverse=True)


def test_published_draw_is_read_and_replayed() -> None:
    assert mistakes(read_draw(published().text())) == []


def test_seal_is_what_a_shell_computes() -> None:
    # printf 'member\na001\nyes\nsecret' | sha256sum
    expected = "1142cdcf328c6f720f6d7c70b250505485387ade3e713f55f3f6f1f748eed3d5"
    assert sealed("member", "a001", True, "secret") == expected


def changed(**parts: Any) -> list[str]:
    """What is found wrong with a draw, some of which was changed afterwards."""
    return mistakes(published().model_copy(update=parts))


def test_anything_changed_afterwards_is_found_out() -> None:
    true = published()
    left = sorted({it.id for it in true.entrants} - set(true.selected) - set(true.withdrawn))
    assert (
        f"selected without a place: {left[0]}"
        in changed(selected=(*true.selected[:-1], left[0]))[0]
    )
    assert "order of the draw" in changed(selected=true.selected[::-1])[0]
    assert changed(seed="another")
    more = true.rules.model_copy(update={"places": 6})
    assert "not those committed to" in changed(rules=more)[0]
    assert "not those committed to" in changed(entrants=true.entrants[1:])[0]
    assert "not those committed to" in changed(tickets=true.tickets[1:])[0]
    assert "not those committed to" in changed(seed_source="a dream")[0]
    assert "without having been listed: nobody" in changed(withdrawn=(*true.withdrawn, "nobody"))[0]


def test_waiting_list_that_was_changed_afterwards_is_found_out() -> None:
    true = published()
    others = sorted(set(true.tickets) - set(true.waiting))
    for waiting in (
        true.waiting[::-1],
        true.waiting[1:],
        (*true.waiting[:-1], others[0]),
        (*true.waiting[:-1], "nobody"),
        (*true.waiting[:-1], true.waiting[0]),
    ):
        assert changed(waiting=waiting) == ["The waiting list is not the one that the draw gives."]


def test_what_was_opened_otherwise_than_sealed_is_found_out() -> None:
    true = published()
    one = next(it for it in true.entrants if it.member is not None and it.member.value is False)
    assert one.member is not None
    lied = one.model_copy(update={"member": one.member.model_copy(update={"value": True})})
    entrants = tuple(lied if it is one else it for it in true.entrants)
    assert f"Opened otherwise than sealed: {one.id}." in changed(entrants=entrants)


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
        (lambda it: it["entrants"][0]["member"].update(value="yes"), "entrants.0.member.value"),
        (lambda it: it["entrants"][0]["newcomer"].pop("secret"), "value and its secret together"),
        (lambda it: it["tickets"].pop(), "not one ticket for each"),
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
