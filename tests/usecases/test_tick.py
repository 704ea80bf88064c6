"""What time brings: once, however often, however late and by however many it is looked for."""

import threading
from datetime import timedelta

from sqlalchemy import func, select

from mentorbot.domain.messages import MessageKind, MessageState
from mentorbot.heartbeat import next_at, run_due
from mentorbot.slack.app import web_client
from mentorbot.slack.sweep import sweep_if_due
from mentorbot.storage import inbox, tables
from tests.faults.office import Office
from tests.world import AMARA, LUKASZ, OMAR, ZOE


def kinds(office: Office, kind: MessageKind) -> list[tuple[str, MessageState]]:
    """To whom a kind was addressed, and what became of it."""
    found = office.messages(kind)
    return sorted((message.recipients[0], message.state) for message in found)


def test_looking_twice_asks_once(office: Office) -> None:
    office.introduce()
    office.clock.set(office.clock() + timedelta(days=4))
    assert run_due(office.bot) == 1
    assert run_due(office.bot) == 0
    office.delivery.drain()
    asked = office.messages(MessageKind.CHECK_IN)
    assert [office.arrived()[message.message_id] for message in asked] == [1, 1]


def test_many_that_look_at_once_ask_once(office: Office) -> None:
    office.introduce()
    office.introduce(LUKASZ, OMAR)
    office.clock.set(office.clock() + timedelta(days=4))
    for number in range(3):
        office.another(f"replica {number}")
    ready = threading.Barrier(3)

    def look(number: int) -> None:
        ready.wait(10)
        run_due(office.others[number])

    threads = [threading.Thread(target=look, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    asked = [message.recipients[0] for message in office.messages(MessageKind.CHECK_IN)]
    assert sorted(asked) == sorted([AMARA, ZOE, LUKASZ, OMAR])


def test_bot_that_was_away_for_weeks_asks_no_stale_question(office: Office) -> None:
    office.introduce()
    office.delivery.drain()
    office.clock.set(office.clock() + timedelta(days=19))
    run_due(office.bot)
    office.delivery.drain()
    asked = kinds(office, MessageKind.CHECK_IN)
    states = [state for _, state in asked]
    assert states.count(MessageState.SENT) == 2
    assert states.count(MessageState.EXPIRED) == len(states) - 2 > 0


def test_bot_that_was_away_for_a_whole_cycle_closes_it(office: Office) -> None:
    office.introduce()
    office.delivery.drain()
    office.clock.set(office.clock() + timedelta(days=60))
    office.work(hours=1)
    coming = next_at(office.bot)
    assert coming is None or coming > office.clock()
    told = kinds(office, MessageKind.PAUSED_NO_ANSWER)
    assert told == [(AMARA, MessageState.SENT), (ZOE, MessageState.SENT)]


def test_next_thing_is_the_earliest_of_all(office: Office) -> None:
    office.introduce()
    office.delivery.drain()
    pairing_at = next_at(office.bot)
    assert pairing_at is not None
    office.write("soon", not_before=pairing_at - timedelta(hours=1))
    assert next_at(office.bot) == pairing_at - timedelta(hours=1)


def test_payloads_are_forgotten_once_slack_cannot_send_them_again(office: Office) -> None:
    with office.bot.store.begin(office.workspace_id) as tx:
        inbox.take(tx, "long ago", "", office.clock() - timedelta(days=8))
        inbox.take(tx, "yesterday", "", office.clock() - timedelta(days=1))
    assert sweep_if_due(office.bot, web_client(office.bot), office.workspace_id)
    with office.bot.store.read(office.workspace_id) as tx:
        kept = tx.session.scalars(select(tables.handled_payloads.c.payload_key)).all()
        assert kept == ["yesterday"]
        assert tx.session.scalar(select(func.count()).select_from(tables.people)) > 0
