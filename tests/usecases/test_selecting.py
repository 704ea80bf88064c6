"""The lottery: one commitment, one draw, and nobody moved by what others do."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mentorbot.domain.draws import CHECKING, Draw, Traits
from mentorbot.domain.errors import (
    AlreadyDrawn,
    InvalidAnswers,
    NobodyToDraw,
    NoLottery,
    NotClosedYet,
    NotPermitted,
    NotPublished,
    SecretKeyMissing,
    SeedKnown,
    SeedNotYet,
    Stale,
)
from mentorbot.domain.messages import Message, MessageKind, MessageState
from mentorbot.domain.model import Application, ApplicationState, ListedAddress, Role
from mentorbot.domain.selection import mistakes, order_key, read_draw
from mentorbot.storage.sealing import Vault, new_key
from mentorbot.usecases import (
    admin,
    applying,
    enrolment,
    lines,
    reviewing,
    secrets,
    selecting,
    sensitive,
)
from tests.applications import BEN, OWNER, ROSA, TEAM, Desk, desk_at
from tests.lottery import AUTUMN, SEED, lottery_file

NEW_YEAR = datetime(2023, 1, 2, 15, tzinfo=UTC)
DRAW_DAY = datetime(2023, 1, 5, 15, tzinfo=UTC)
RESULTS = datetime(2023, 1, 24, 15, tzinfo=UTC)
SELECTED, WAITING = ApplicationState.SELECTED, ApplicationState.WAITING_LIST
FIELD = {"field": "Industry"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Applications for six places, three of them reserved, are open."""
    with desk_at(tmp_path, lottery_file()) as made:
        made.now = AUTUMN
        yield made


def apply(desk: Desk, count: int, *, members: int = 0) -> list[Application]:
    """So many people apply, the first of them as members."""
    found = [desk.apply(f"U0A{number:05d}", **FIELD) for number in range(count)]
    for one in found[:members]:
        given = {"under_represented": 1}
        desk.act(sensitive.answer, one.slack_user_id, one.application_id, given, ())
    return found


def commit(desk: Desk, who: str = OWNER) -> Draw:
    with desk.store.begin(TEAM) as tx:
        programme = enrolment.programme_or_refuse(tx)
        return selecting.commit(tx, programme, Role.MENTEE, who, desk.now)


def publish(desk: Desk) -> None:
    """What waits for the channel has been posted there."""
    with desk.store.begin(TEAM) as tx:
        for message in tx.session.scalars(select(Message)):
            if message.kind is MessageKind.DRAW_COMMITTED:
                message.state = MessageState.SENT


def draw(desk: Desk, seed: str = SEED, who: str = OWNER) -> Draw:
    with desk.store.begin(TEAM) as tx:
        programme = enrolment.programme_or_refuse(tx)
        return selecting.draw(tx, programme, Role.MENTEE, seed, who, desk.now)


def committed_and_drawn(desk: Desk) -> Draw:
    desk.now = NEW_YEAR
    commit(desk)
    publish(desk)
    desk.now = DRAW_DAY
    drawn = draw(desk)
    desk.beat()
    return drawn


def counts(desk: Desk) -> dict[ApplicationState, int]:
    found = list(desk.states().values())
    return {state: found.count(state) for state in set(found)}


def numbers(desk: Desk, every: list[Application]) -> dict[str | None, str | None]:
    """Each applicant's number in the draw."""
    with desk.store.read(TEAM) as tx:
        return {it.slack_user_id: lines.number(tx, it) for it in every}


def traits(desk: Desk, committed: Draw) -> Traits:
    """What is sealed about those in a draw, which only the key opens."""
    with desk.store.read(TEAM) as tx:
        kept = lines.opened(tx, committed, committed.traits or "")
    return Traits.read(kept, (it.id for it in committed.listed))


def sealed_list(drawn: Draw) -> list[dict[str, Any]]:
    """The entrants as they are committed to."""
    return [
        {"id": it.id, **{trait: seal.digest for trait, seal in it.seals()}} for it in drawn.listed
    ]


def test_commitment_waits_until_nobody_can_apply_any_more(desk: Desk) -> None:
    apply(desk, 2)
    with pytest.raises(NotClosedYet):
        commit(desk)
    desk.now = datetime(2022, 12, 31, 23, 59, tzinfo=UTC)
    with pytest.raises(NotClosedYet):
        commit(desk)
    desk.now = datetime(2023, 1, 1, 0, 1, tzinfo=UTC)
    assert len(commit(desk).entrants) == 2


def test_commitment_comes_before_the_seed_can_be_known(desk: Desk) -> None:
    apply(desk, 2)
    desk.now = datetime(2023, 1, 4, 0, 1, tzinfo=UTC)
    with pytest.raises(SeedKnown):
        commit(desk)


def test_draw_waits_for_the_day_of_its_seed(desk: Desk) -> None:
    apply(desk, 2)
    desk.now = NEW_YEAR
    commit(desk)
    publish(desk)
    with pytest.raises(SeedNotYet):
        draw(desk)


def test_nothing_is_drawn_before_the_commitment_stands_in_the_channel(desk: Desk) -> None:
    apply(desk, 2)
    desk.now = DRAW_DAY
    with pytest.raises(NotPublished):
        draw(desk)
    desk.now = NEW_YEAR
    commit(desk)
    desk.now = DRAW_DAY
    with pytest.raises(NotPublished):
        draw(desk)
    publish(desk)
    assert draw(desk).selected


def test_draw_happens_once_whatever_seed_comes_after(desk: Desk) -> None:
    apply(desk, 9)
    drawn = committed_and_drawn(desk)
    with pytest.raises(Stale):
        commit(desk)
    with pytest.raises(AlreadyDrawn) as refused:
        draw(desk, "another seed")
    assert refused.value.values == {"seed": SEED}
    with desk.store.read(TEAM) as tx:
        (kept,) = tx.session.scalars(select(Draw))
    assert (kept.seed, kept.selected) == (SEED, drawn.selected)


@pytest.mark.parametrize("seed", ["", "  ", "two\nlines", "x" * 201])
def test_seed_of_no_words_draws_nothing(desk: Desk, seed: str) -> None:
    apply(desk, 2)
    desk.now = NEW_YEAR
    commit(desk)
    publish(desk)
    desk.now = DRAW_DAY
    with pytest.raises(InvalidAnswers):
        draw(desk, seed)


@pytest.mark.parametrize("who", [ROSA, BEN, "U0A00000"])
def test_reviewers_and_applicants_draw_nothing(desk: Desk, who: str) -> None:
    apply(desk, 1)
    desk.now = NEW_YEAR
    with pytest.raises(NotPermitted):
        commit(desk, who)
    commit(desk)
    publish(desk)
    desk.now = DRAW_DAY
    with pytest.raises(NotPermitted):
        draw(desk, who=who)


def test_draw_needs_somebody_to_draw_and_a_lottery(desk: Desk, tmp_path: Path) -> None:
    desk.now = NEW_YEAR
    with pytest.raises(NobodyToDraw):
        commit(desk)
    (tmp_path / "other").mkdir()
    plain = lottery_file(form=(lottery_file().form[0].model_dump(),), selection={})
    with desk_at(tmp_path / "other", plain) as other:
        other.now = NEW_YEAR
        with pytest.raises(NoLottery):
            commit(other)


def test_places_come_by_the_draw_in_slices_that_a_kill_may_part(desk: Desk) -> None:
    every = apply(desk, 120, members=10)
    desk.now = NEW_YEAR
    commit(desk)
    publish(desk)
    desk.now = DRAW_DAY
    drawn = draw(desk)
    assert set(desk.states().values()) == {ApplicationState.APPROVED}
    assert desk.beat(most=1) == 1
    assert counts(desk)[ApplicationState.APPROVED] == 120 - selecting.AT_ONCE
    assert desk.beat() == 2
    assert counts(desk) == {SELECTED: 6, WAITING: 114}
    by_number = {number: who for who, number in numbers(desk, every).items()}
    chosen = {who for who, state in desk.states().items() if state is SELECTED}
    assert chosen == {by_number[it] for it in drawn.selected}
    assert mistakes(read_draw(drawn.published().model_dump_json())) == []


def test_all_hear_on_the_day_of_results_and_none_before(desk: Desk) -> None:
    apply(desk, 9)
    committed_and_drawn(desk)
    kinds = (MessageKind.PLACE_GIVEN, MessageKind.PLACE_WAITED_FOR)
    told = [message for kind in kinds for message in desk.told(kind)]
    assert len(told) == 9
    assert {it.not_before_at for it in told} == {datetime(2023, 1, 23, 10, tzinfo=UTC)}
    (published,) = desk.told(MessageKind.DRAW_PUBLISHED)
    assert published.not_before_at == datetime(2023, 1, 23, 10, tzinfo=UTC)


def test_withdrawal_before_the_draw_is_listed_and_shifts_nobody(desk: Desk) -> None:
    every = apply(desk, 12, members=4)
    desk.now = NEW_YEAR
    committed = commit(desk)
    publish(desk)
    gone = every[5]
    desk.act(applying.withdraw, gone.slack_user_id, gone.application_id)
    desk.now = DRAW_DAY
    drawn = draw(desk)
    desk.beat()
    assert drawn.withdrawn == [numbers(desk, every)[gone.slack_user_id]]
    assert sealed_list(drawn) == sealed_list(committed)
    assert drawn.commitment == committed.commitment
    assert mistakes(drawn.published()) == []
    assert counts(desk) == {SELECTED: 6, WAITING: 5, ApplicationState.WITHDRAWN: 1}


def test_who_withdraws_before_the_draw_takes_their_answers_along(desk: Desk) -> None:
    every = apply(desk, 12, members=4)
    desk.now = NEW_YEAR
    committed = commit(desk)
    publish(desk)
    assert not any(seal.secret for it in committed.listed for _trait, seal in it.seals())
    desk.act(applying.withdraw, every[0].slack_user_id, every[0].application_id)
    desk.now = DRAW_DAY
    drawn = draw(desk)
    gone = next(it for it in drawn.listed if it.id in drawn.withdrawn)
    assert [seal.value for _trait, seal in gone.seals()] == [None, None]
    assert mistakes(drawn.published()) == []


def test_who_moves_up_first_is_known_by_a_number_that_leads_to_no_answer(desk: Desk) -> None:
    every = apply(desk, 40, members=12)
    drawn = committed_and_drawn(desk)
    with desk.store.read(TEAM) as tx:
        tickets = {it.slack_user_id: lines.ticket(tx, it) for it in every}
    states, by_number = desk.states(), numbers(desk, every)
    in_line = sorted(
        (it for it in every if states[it.slack_user_id] is WAITING), key=_place_of(desk)
    )
    assert [tickets[it.slack_user_id] for it in in_line] == drawn.waiting
    assert not set(drawn.waiting) & {it.id for it in drawn.listed}
    order = {number: at for at, number in enumerate(_in_order(drawn))}
    ranks = [order[str(by_number[it.slack_user_id])] for it in in_line]
    assert ranks != sorted(ranks)
    assert {ticket for who, ticket in tickets.items() if states[who] is SELECTED} == {None}


def _in_order(drawn: Draw) -> list[str]:
    return sorted(
        (it.id for it in drawn.listed), key=lambda it: order_key(str(drawn.seed), drawn.name, it)
    )


def test_free_place_goes_to_the_first_on_the_waiting_list_of_the_draw(desk: Desk) -> None:
    every = apply(desk, 12)
    committed_and_drawn(desk)
    states = desk.states()
    in_line = sorted(
        (it for it in every if states[it.slack_user_id] is WAITING), key=_place_of(desk)
    )
    assert [_place_of(desk)(it) for it in in_line] == [1, 2, 3, 4, 5, 6]
    assert in_line != sorted(in_line, key=lambda it: it.application_id)
    leaving = next(it for it in every if states[it.slack_user_id] is SELECTED)
    desk.act(applying.withdraw, leaving.slack_user_id, leaving.application_id)
    assert desk.states()[in_line[0].slack_user_id] is SELECTED
    assert [_place_of(desk)(it) for it in in_line[1:]] == [1, 2, 3, 4, 5]


def _place_of(desk: Desk) -> Any:
    def place(application: Application) -> int:
        with desk.store.read(TEAM) as tx:
            return lines.place_in_line(tx, application)

    return place


def test_waiting_list_is_as_long_as_the_file_says(tmp_path: Path) -> None:
    with desk_at(tmp_path, lottery_file(lottery={"waiting_list": 2})) as desk:
        desk.now = AUTUMN
        apply(desk, 10)
        committed_and_drawn(desk)
        assert counts(desk) == {SELECTED: 6, WAITING: 2, ApplicationState.NOT_SELECTED: 2}
        assert len(desk.told(MessageKind.PLACE_NOT_GIVEN)) == 2


def test_whoever_is_approved_too_late_waits_behind_the_draw(tmp_path: Path) -> None:
    with desk_at(tmp_path, lottery_file(validation="coordinator")) as desk:
        desk.now = AUTUMN
        every = apply(desk, 9)
        for one in every[:7]:
            approve(desk, one)
        desk.now = NEW_YEAR
        assert len(commit(desk).entrants) == 7
        publish(desk)
        approve(desk, every[7])
        desk.now = DRAW_DAY
        draw(desk)
        desk.beat()
        assert counts(desk) == {SELECTED: 6, WAITING: 2, ApplicationState.IN_REVIEW: 1}
        approve(desk, every[8])
        assert [_place_of(desk)(it) for it in every[7:]] == [2, 3]


def test_whoever_left_the_line_and_comes_back_waits_at_its_end(desk: Desk) -> None:
    every = apply(desk, 9)
    committed_and_drawn(desk)
    waiting = [it for it in every if desk.states()[it.slack_user_id] is WAITING]
    first, *others = sorted(waiting, key=_place_of(desk))
    desk.act(applying.withdraw, first.slack_user_id, first.application_id)
    later = {"closes_on": "2023-01-10", "lottery": {"seed_on": "2023-01-12"}}
    desk.act(admin.update, lottery_file(**later), OWNER)
    assert desk.apply(first.slack_user_id or "", **FIELD).state is WAITING
    assert [_place_of(desk)(it) for it in (*others, first)] == [1, 2, 3]


def approve(desk: Desk, one: Application) -> None:
    version = desk.application(one).version
    desk.act(reviewing.approve, OWNER, one.application_id, version)


def test_members_and_those_who_took_part_before_enter_as_such(desk: Desk) -> None:
    every = apply(desk, 6, members=2)
    with desk.store.begin(TEAM) as tx:
        tx.add(ListedAddress(TEAM, "img", "first_cohort", "back@example.org"))
        for one in every[4:]:
            kept = tx.get(Application, one.application_id)
            assert kept is not None
            kept.email = "back@example.org" if one is every[4] else "new@example.org"
    desk.now = NEW_YEAR
    known, theirs = traits(desk, commit(desk)), [str(it) for it in numbers(desk, every).values()]
    members, newcomers = ([known.has(it, one) for one in theirs] for it in ("member", "newcomer"))
    assert members == [True, True, False, False, False, False]
    assert newcomers == [True, True, True, True, False, True]


def test_answer_under_an_older_consent_does_not_count(desk: Desk) -> None:
    apply(desk, 3, members=2)
    form = [it.model_dump(mode="json", exclude_none=True) for it in desk.file().form]
    member = next(it for it in form if it["id"] == "under_represented")
    member["consent_version"] = 2
    desk.act(admin.update, lottery_file(form=form), OWNER)
    again = desk.apply("U0AGAIN000", **FIELD)
    desk.act(
        sensitive.answer, again.slack_user_id, again.application_id, {"under_represented": 1}, ()
    )
    desk.now = NEW_YEAR
    assert len(traits(desk, commit(desk)).having["member"]) == 1


def test_list_of_a_draw_tells_nothing_that_its_rules_do_not_ask(tmp_path: Path) -> None:
    open_to_all = {"reserved": 0, "newcomers_first": False}
    with desk_at(tmp_path, lottery_file(lottery=open_to_all)) as desk:
        desk.now = AUTUMN
        every = apply(desk, 4, members=3)
        desk.now = NEW_YEAR
        committed = commit(desk)
        assert {(it.member, it.newcomer) for it in committed.listed} == {(None, None)}
        listed = [it.id for it in committed.listed]
        assert listed == sorted(listed)
        assert not set(listed) & {it.application_id for it in every}


def test_what_leads_from_numbers_to_people_is_sealed_and_cut_in_the_end(desk: Desk) -> None:
    every = apply(desk, 9, members=2)
    committed_and_drawn(desk)
    with desk.store.read(TEAM) as tx:
        (kept,) = tx.session.scalars(select(Draw))
    told = f"{kept.salt} {kept.line}"
    assert kept.traits is None
    assert not any(it.application_id in told for it in every)
    assert all(numbers(desk, every).values())
    desk.now = datetime(2023, 1, 23, 10, tzinfo=UTC) + CHECKING
    desk.beat()
    with desk.store.read(TEAM) as tx:
        (kept,) = tx.session.scalars(select(Draw))
    assert (kept.salt, kept.line) == (None, None)
    assert set(numbers(desk, every).values()) == {None}
    assert mistakes(kept.published()) == []


def test_draw_that_never_comes_is_forgotten_as_far_as_people_go(desk: Desk) -> None:
    every = apply(desk, 3)
    desk.now = NEW_YEAR
    commit(desk)
    publish(desk)
    desk.now = datetime(2023, 7, 2, 15, tzinfo=UTC)
    desk.beat()
    assert set(numbers(desk, every).values()) == {None}
    with pytest.raises(Stale):
        draw(desk)


def test_new_key_opens_what_the_old_one_sealed_until_all_is_renewed(desk: Desk) -> None:
    old, new = new_key(), new_key()
    desk.store.vault = Vault([old])
    every = apply(desk, 9, members=4)
    desk.now = NEW_YEAR
    commit(desk)
    publish(desk)
    desk.store.vault = Vault([new, old])
    with desk.store.begin(TEAM) as tx:
        assert secrets.renew(tx) == 5
    desk.store.vault = Vault([old])
    with pytest.raises(SecretKeyMissing):
        numbers(desk, every)
    desk.store.vault = Vault([new])
    desk.now = DRAW_DAY
    assert mistakes(draw(desk).published()) == []
    desk.beat()
    assert counts(desk) == {SELECTED: 6, WAITING: 3}
