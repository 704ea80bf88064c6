"""One thing that cannot be handled is set aside; everything else goes on."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from mentorbot.domain.messages import MessageKind, MessageState
from mentorbot.heartbeat import Heartbeat, next_at, run_due
from tests.faults.office import Office
from tests.world import AMARA, CLAIRE, LINA, LUKASZ, OMAR, ZOE


def spoil(office: Office, statement: str, **values: object) -> None:
    """Write into the database what our own code never would."""
    with office.bot.store.begin(office.workspace_id) as tx:
        done = tx.session.execute(text(statement), values)
        assert done.rowcount == 1


def two_pairs(office: Office) -> tuple[str, str]:
    """Two running pairings, introduced."""
    first = office.introduce(AMARA, ZOE).pairing_id or ""
    second = office.introduce(LUKASZ, OMAR).pairing_id or ""
    office.delivery.drain()
    return first, second


def check_ins_of(office: Office, pairing_id: str) -> int:
    """How many of a pairing's check-ins stand in Slack."""
    arrived = office.arrived()
    asked = [m for m in office.messages(MessageKind.CHECK_IN) if m.pairing_id == pairing_id]
    return sum(arrived[message.message_id] for message in asked)


@pytest.mark.parametrize(
    ("column", "value"),
    [("reasons", "not json"), ("ends_on", "someday"), ("ended_at", "once"), ("next_step", 99)],
)
def test_spoilt_pairing_is_set_aside_and_the_others_go_on(
    office: Office, column: str, value: object
) -> None:
    bad, good = two_pairs(office)
    spoil(
        office, f"UPDATE pairing SET {column} = :value WHERE pairing_id = :id", value=value, id=bad
    )
    office.clock.set(office.clock() + timedelta(days=4))
    run_due(office.bot)
    office.delivery.drain()
    assert check_ins_of(office, good) == 2
    assert check_ins_of(office, bad) == 0


def test_spoilt_pairing_is_tried_again_in_an_hour_and_not_before(office: Office) -> None:
    bad, _good = two_pairs(office)
    spoil(office, "UPDATE pairing SET ends_on = 'someday' WHERE pairing_id = :id", id=bad)
    office.clock.set(office.clock() + timedelta(days=4))
    assert run_due(office.bot) == 2
    assert run_due(office.bot) == 0
    office.wait(3599)
    assert run_due(office.bot) == 0
    spoil(office, "UPDATE pairing SET ends_on = '2026-12-21' WHERE pairing_id = :id", id=bad)
    office.wait(1)
    assert run_due(office.bot) == 1
    office.delivery.drain()
    assert check_ins_of(office, bad) == 2


def test_spoilt_due_date_stops_no_other_pairing(office: Office) -> None:
    bad, good = two_pairs(office)
    spoil(office, "UPDATE pairing SET next_due_at = '0' WHERE pairing_id = :id", id=bad)
    office.clock.set(office.clock() + timedelta(days=4))
    run_due(office.bot)
    office.delivery.drain()
    assert check_ins_of(office, good) == 2


def test_spoilt_participant_keeps_no_other_pause_from_ending(office: Office) -> None:
    two_pairs(office)
    for person in (ZOE, OMAR):
        office.pause(person, days=7)
    spoil(office, "UPDATE participant SET answers = 'not json' WHERE slack_user_id = :id", id=ZOE)
    office.clock.set(office.clock() + timedelta(days=8))
    run_due(office.bot)
    office.delivery.drain()
    over = office.messages(MessageKind.PAUSE_OVER)
    assert [message.recipients for message in over] == [[OMAR]]
    assert office.arrived()[over[0].message_id] == 1


def test_spoilt_cycle_stops_no_check_in(office: Office) -> None:
    both = two_pairs(office)
    spoil(office, "UPDATE cycle SET starts_on = 'someday', ends_at = '2026-11-24 10:00:00'")
    office.clock.set(office.clock() + timedelta(days=4))
    run_due(office.bot)
    office.delivery.drain()
    assert [check_ins_of(office, pairing) for pairing in both] == [2, 2]


@pytest.mark.parametrize(
    ("column", "value"), [("recipients", "not json"), ("kind", "from_a_later_release")]
)
def test_spoilt_message_stops_no_other(office: Office, column: str, value: str) -> None:
    bad = office.write("bad")
    good = office.write("good", to=AMARA)
    spoil(
        office, f"UPDATE message SET {column} = :value WHERE message_id = :id", value=value, id=bad
    )
    office.delivery.drain()
    assert office.arrived()[good] == 1
    original = {"recipients": f'["{ZOE}"]', "kind": "welcome"}[column]
    spoil(
        office,
        f"UPDATE message SET {column} = :value WHERE message_id = :id",
        value=original,
        id=bad,
    )
    office.work(hours=2)
    assert office.arrived()[bad] == 1


def test_beat_goes_on_after_any_failure(office: Office) -> None:
    """Whatever a beat runs into, the next one is made."""
    looks: list[int] = []

    def look() -> None:
        looks.append(len(looks))
        raise [ValueError, KeyError, RuntimeError][len(looks) % 3]("on purpose")

    heart = Heartbeat(office.bot, look)
    for _ in range(4):
        heart.beat()
    assert looks == [0, 1, 2, 3]


def test_unhandled_things_leave_the_schedule_readable(office: Office) -> None:
    bad, good = two_pairs(office)
    spoil(office, "UPDATE pairing SET reasons = 'not json' WHERE pairing_id = :id", id=bad)
    coming = next_at(office.bot)
    assert coming is not None
    assert coming > office.clock()
    office.work(hours=24 * 5)
    assert check_ins_of(office, good) == 2


def test_renderer_that_fails_does_not_hold_up_the_messages_behind_it(office: Office) -> None:
    broken = office.write("broken", kind=MessageKind.CERTIFICATE, certificate_id="none")
    behind = [office.write(f"{number}", to=who) for number, who in enumerate((CLAIRE, LINA))]
    office.delivery.drain()
    assert [office.arrived()[one] for one in behind] == [1, 1]
    assert office.stored(broken).state is MessageState.PENDING
