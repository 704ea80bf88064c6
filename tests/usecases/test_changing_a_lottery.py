"""The rules of a lottery change, or come later: what is committed to, given or heard stays."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mentorbot.domain.errors import DrawCommitted, NoPlacesLeft, ResultsHeard
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import ApplicationState
from mentorbot.usecases import admin
from tests.applications import OWNER, Desk, desk_at
from tests.lottery import AUTUMN, lottery_file
from tests.usecases.test_selecting import (
    DRAW_DAY,
    FIELD,
    NEW_YEAR,
    SELECTED,
    WAITING,
    apply,
    commit,
    committed_and_drawn,
    counts,
    draw,
    publish,
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Applications for six places, three of them reserved, are open."""
    with desk_at(tmp_path, lottery_file()) as made:
        made.now = AUTUMN
        yield made


def test_rules_of_a_draw_that_is_committed_to_stay_until_its_places_are_given(desk: Desk) -> None:
    apply(desk, 9)
    desk.now = NEW_YEAR
    commit(desk)
    publish(desk)
    with pytest.raises(DrawCommitted):
        desk.act(admin.update, lottery_file(lottery={"places": 7}), OWNER)
    desk.now = DRAW_DAY
    draw(desk)
    with pytest.raises(DrawCommitted):
        desk.act(admin.update, lottery_file(lottery={"places": 7}), OWNER)
    desk.beat()
    desk.act(admin.update, lottery_file(lottery={"places": 7}), OWNER)
    assert counts(desk) == {SELECTED: 7, WAITING: 2}


def test_results_come_no_later_once_the_first_have_heard(desk: Desk) -> None:
    apply(desk, 9)
    committed_and_drawn(desk)
    later = lottery_file(results_on="2023-01-25")
    desk.now = datetime(2023, 1, 22, 19, 59, tzinfo=UTC)
    desk.act(admin.update, later, OWNER)
    assert {it.not_before_at for it in desk.told(MessageKind.PLACE_GIVEN)} == {
        datetime(2023, 1, 25, 10, tzinfo=UTC)
    }
    desk.now = datetime(2023, 1, 24, 20, 1, tzinfo=UTC)
    with pytest.raises(ResultsHeard):
        desk.act(admin.update, lottery_file(results_on="2023-01-26"), OWNER)


FIRST_COME = {"mode": "first_come", "places": 4}


def test_lottery_that_comes_later_draws_only_the_places_that_are_left(tmp_path: Path) -> None:
    """Whoever has a place keeps it, and whoever waits for one is in the draw."""
    plain = [it.model_dump(mode="json", exclude_none=True) for it in lottery_file().form[:1]]
    early = lottery_file(form=plain, selection={"mentee": FIRST_COME})
    with desk_at(tmp_path, early) as desk:
        desk.now = AUTUMN
        every = apply(desk, 7)
        assert counts(desk) == {SELECTED: 4, WAITING: 3}
        desk.act(admin.update, lottery_file(), OWNER)
        assert counts(desk) == {SELECTED: 4, ApplicationState.APPROVED: 3}
        heard = {it.recipients[0] for it in desk.told(MessageKind.APPLICATION_APPROVED)}
        assert heard == {it.slack_user_id for it in every[4:]}
        apply_more = [desk.apply(f"U0B{number:05d}", **FIELD) for number in range(3)]
        assert len(apply_more) == 3
        desk.now = NEW_YEAR
        committed = commit(desk)
        assert (committed.parsed_rules.places, committed.parsed_rules.reserved) == (2, 2)
        publish(desk)
        desk.now = DRAW_DAY
        assert len(draw(desk).selected) == 2
        desk.beat()
        assert counts(desk) == {SELECTED: 6, WAITING: 4}


def test_nothing_is_drawn_where_every_place_is_held(tmp_path: Path) -> None:
    plain = [it.model_dump(mode="json", exclude_none=True) for it in lottery_file().form[:1]]
    early = lottery_file(form=plain, selection={"mentee": FIRST_COME})
    with desk_at(tmp_path, early) as desk:
        desk.now = AUTUMN
        apply(desk, 7)
        desk.act(admin.update, lottery_file(lottery={"places": 4}), OWNER)
        desk.now = NEW_YEAR
        with pytest.raises(NoPlacesLeft):
            commit(desk)
