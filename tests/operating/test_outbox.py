"""The operator's hands on the outbox: what is shown, what is refused, what follows."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mentorbot.domain.messages import MessageState
from mentorbot.domain.model import Role
from mentorbot.storage import ledger
from tests.faults.office import Office
from tests.operating.conftest import LATER, Run
from tests.world import AMARA, OMAR, ZOE

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def dead(office: Office, subject: str = "dead", to: str = ZOE) -> str:
    """A message that Slack has refused for good."""
    message_id = office.write(subject, to)
    office.sandbox.faults.fail("chat.postMessage", "restricted_action")
    office.delivery.drain()
    assert office.stored(message_id).state is MessageState.DEAD
    return message_id


def unknown(office: Office, arrives: bool = True) -> str:
    """A message that may have arrived, and could not be looked up."""
    message_id = office.write("unknown")
    faults = office.sandbox.faults
    if arrives:
        faults.lose_answer("chat.postMessage")
    else:
        faults.status("chat.postMessage", 503)
    faults.fail("conversations.history", "channel_not_found")
    office.work()
    assert office.stored(message_id).state is MessageState.UNKNOWN
    return message_id


def deliver_later(office: Office) -> None:
    office.clock.set(LATER)
    office.delivery.drain()


def test_what_is_not_settled_well_is_listed_without_a_word_of_it(office: Office, run: Run) -> None:
    office.enrol(AMARA, Role.MENTOR)
    office.delivery.drain()
    failed, waits = dead(office), office.write("waits", OMAR)
    shown = run("outbox", "list")
    assert shown.exit_code == 0, shown.output
    lines = {line.split()[0]: line for line in shown.output.splitlines()}
    assert {failed, waits} < set(lines)
    assert "dead" in lines[failed]
    assert "restricted_action" in lines[failed]
    assert "welcome" in lines[waits]
    everything = run("outbox", "list", *(f"--state={state}" for state in MessageState)).output
    as_json = run("outbox", "list", "--state=sent", "--json").output
    told = run("outbox", "show", failed).output + run("outbox", "show", failed, "--json").output
    for private in ("Paediatrics", "Amara", "Zoe", "params"):
        assert private not in shown.output + everything + as_json + told


def test_list_goes_by_state_workspace_and_recipient(office: Office, run: Run) -> None:
    failed, waits = dead(office), office.write("waits", OMAR)

    def listed(*words: str) -> set[str]:
        shown = run("outbox", "list", "--json", *words)
        assert shown.exit_code == 0, shown.output
        return {found["message_id"] for found in json.loads(shown.output)}

    assert listed("--state", "dead") == {failed}
    assert waits in listed("--state", "pending")
    assert listed("--state=dead", "--to", OMAR) == set()
    assert listed("--to", OMAR) == {waits}
    assert listed("--workspace", office.workspace_id) >= {failed, waits}
    assert len(listed("--most", "1")) == 1
    assert run("outbox", "list", "--state", "expired").output == "No message is expired.\n"


def test_show_tells_each_try_and_each_act_in_order(office: Office, run: Run) -> None:
    failed = dead(office)
    assert run("outbox", "drop", failed, "--reason", "told in person").exit_code == 0
    shown = run("outbox", "show", failed).output
    assert "tried: refused restricted_action" in shown
    assert "by hand: message.drop (was: dead, reason: told in person)" in shown
    assert shown.index("tried:") < shown.index("by hand:")
    found = json.loads(run("outbox", "show", failed, "--json").output)
    assert found["recipients"] == [ZOE]
    assert [one["outcome"] for one in found["tries"]] == ["refused"]
    assert [one["act"] for one in found["by_hand"]] == ["message.drop"]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("list", "--state", "lost"), "there are pending, sending, unknown"),
        (("list", "--workspace", "T0NOWHERE0"), "no workspace T0NOWHERE0"),
        (("list", "--to", "@zoe"), "'@zoe' is not a Slack id"),
        (("show", "nothing"), "no message nothing"),
        (("retry", "nothing"), "no message nothing"),
        (("drop", "nothing", "--reason", "x"), "no message nothing"),
    ],
)
def test_what_is_not_there_is_said_with_status_2(
    office: Office, run: Run, words: tuple[str, ...], named: str
) -> None:
    refused = run("outbox", *words)
    assert refused.exit_code == 2
    assert named in refused.output
    assert "Traceback" not in refused.output


def test_without_a_database_there_is_a_sentence_and_no_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MENTORBOT_DATABASE_URL", f"sqlite:///{tmp_path / 'none.db'}")
    refused = run("outbox", "list")
    assert refused.exit_code == 2
    assert "There is no database at" in refused.output
    assert list(tmp_path.iterdir()) == []


def test_dead_message_is_retried_and_arrives_once(office: Office, run: Run) -> None:
    failed = dead(office)
    retried = run("outbox", "retry", failed)
    assert retried.exit_code == 0, retried.output
    deliver_later(office)
    assert office.is_settled(failed)
    assert office.arrived()[failed] == 1


def test_message_that_expired_is_retried_however_late(office: Office, run: Run) -> None:
    failed = dead(office)
    with office.bot.store.begin(office.workspace_id) as tx:
        ledger.change(tx, failed, expires_at=LONG_AGO, state=MessageState.EXPIRED)
    assert run("outbox", "retry", failed).exit_code == 0
    deliver_later(office)
    assert office.arrived()[failed] == 1


def test_sent_message_is_repeated_only_on_demand(office: Office, run: Run) -> None:
    sent = office.write()
    office.delivery.drain()
    refused = run("outbox", "retry", sent, "--look-again")
    assert refused.exit_code == 2
    assert "was sent" in refused.output
    deliver_later(office)
    assert office.arrived()[sent] == 1
    assert run("outbox", "retry", sent, "--even-if-repeated").exit_code == 0
    office.delivery.drain()
    assert office.arrived()[sent] == 2


@pytest.mark.parametrize("arrives", [True, False])
def test_message_in_doubt_is_looked_for_before_it_is_sent(
    office: Office, run: Run, arrives: bool
) -> None:
    doubtful = unknown(office, arrives)
    refused = run("outbox", "retry", doubtful)
    assert refused.exit_code == 2
    assert "may have reached Slack" in refused.output
    assert office.stored(doubtful).state is MessageState.UNKNOWN
    assert run("outbox", "retry", doubtful, "--look-again").exit_code == 0
    deliver_later(office)
    assert office.is_settled(doubtful)
    assert office.arrived()[doubtful] == 1


def test_dropped_message_is_not_sent_and_may_be_taken_up_again(office: Office, run: Run) -> None:
    waits = office.write()
    assert run("outbox", "drop", waits, "--reason", "a mistake").exit_code == 0
    deliver_later(office)
    assert office.arrived()[waits] == 0
    again = run("outbox", "drop", waits, "--reason", "a mistake")
    assert again.exit_code == 2
    assert "nothing to drop" in again.output
    assert run("outbox", "retry", waits).exit_code == 0
    office.delivery.drain()
    assert office.arrived()[waits] == 1


def test_drop_needs_a_reason(office: Office, run: Run) -> None:
    waits = office.write()
    assert run("outbox", "drop", waits).exit_code == 2
    blank = run("outbox", "drop", waits, "--reason", " ")
    assert blank.exit_code == 2
    assert "Say why" in blank.output
    assert office.stored(waits).state is MessageState.PENDING


def test_what_the_programme_took_back_is_not_retried(office: Office, run: Run) -> None:
    introduction = office.introduce()
    office.leave(AMARA)
    assert office.stored(introduction.message_id).state is MessageState.CANCELLED
    refused = run("outbox", "retry", introduction.message_id)
    assert refused.exit_code == 2
    assert "taken back by the programme" in refused.output


def test_what_was_never_tried_is_not_hurried(office: Office, run: Run) -> None:
    waits = office.write()
    refused = run("outbox", "retry", waits)
    assert refused.exit_code == 2
    assert "waits for its time" in refused.output


def test_message_in_a_senders_hands_is_left_alone(office: Office, run: Run) -> None:
    held = office.write()
    with office.bot.store.begin(office.workspace_id) as tx:
        ledger.change(tx, held, state=MessageState.SENDING, lease_by="x", lease_until_at=LATER)
    for words in (("retry", held, "--look-again"), ("drop", held, "--reason", "x")):
        refused = run("outbox", *words)
        assert refused.exit_code == 2
        assert "is being sent at this moment" in refused.output


def test_row_that_cannot_be_read_is_listed_and_dropped(office: Office, run: Run) -> None:
    spoilt = office.write()
    with office.bot.store.engine.begin() as connection:
        change = "UPDATE message SET kind = 'nonsense', recipients = '{', params = '{'"
        connection.exec_driver_sql(f"{change} WHERE message_id = '{spoilt}'")
    assert "nonsense" in run("outbox", "list").output
    assert run("outbox", "show", spoilt).exit_code == 0
    assert run("outbox", "drop", spoilt, "--reason", "spoilt").exit_code == 0
    assert run("outbox", "list").output == "No message is pending or sending or unknown or dead.\n"
