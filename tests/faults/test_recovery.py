"""What is unsure: a database that knows less than Slack does, and a Slack that cannot be asked."""

from datetime import timedelta
from pathlib import Path

from mentorbot.config import Settings
from mentorbot.domain.messages import MessageKind, MessageState, may_repeat
from mentorbot.operating import recover
from mentorbot.slack.sending import LOOK_UPS_LAST
from mentorbot.storage import backup, lanes
from mentorbot.storage.lanes import RECOVERY
from mentorbot.storage.sending import REPEAT_AFTER, SENT_AGAIN
from tests.faults.office import Office
from tests.world import AMARA, OMAR, ZOE

POST, LOOK_UP = "chat.postMessage", "conversations.history"


def go_back(office: Office, copy: Path) -> None:
    """Put an older copy of the database in the place of the one in use, and say so."""
    path = office.bot.settings.sqlite_path()
    assert path is not None
    office.bot.store.close()
    backup.restore(path, copy, lambda _staged: None)
    begin_recovery(office)


def begin_recovery(office: Office) -> None:
    """What `mentorbot outbox recover` does, at the office's instant."""
    with office.bot.store.begin(office.workspace_id) as tx:
        lanes.recover(tx, office.clock())
    office.wait(lanes.STILL_UNDER_WAY.total_seconds())


def test_nothing_is_sent_while_a_call_from_before_the_restore_may_be_under_way(
    office: Office,
) -> None:
    one = office.write()
    with office.bot.store.begin(office.workspace_id) as tx:
        lanes.recover(tx, office.clock())
    office.delivery.drain()
    assert office.arrived()[one] == 0
    office.wait(lanes.STILL_UNDER_WAY.total_seconds())
    office.delivery.drain()
    assert office.arrived()[one] == 1


def test_nothing_is_repeated_after_an_old_backup_was_restored_in_mid_send(
    office: Office, tmp_path: Path
) -> None:
    introduction = office.introduce()
    ids = [office.write(f"{number}", to=(AMARA, ZOE, OMAR)[number % 3]) for number in range(9)]
    path = office.bot.settings.sqlite_path()
    assert path is not None
    backup.back_up(path, tmp_path / "old.bak")
    office.work()
    office.wait(timedelta(hours=30).total_seconds())
    missed = office.write("written after the backup", to=OMAR)
    office.delivery.drain()
    cause = office.stored(missed).dedupe_key
    go_back(office, tmp_path / "old.bak")
    again = office.write("written after the backup", to=OMAR)
    assert office.stored(again).dedupe_key == cause
    office.work()
    everything = [introduction.message_id, again, *ids]
    assert [office.arrived()[one] for one in everything] == [1] * len(everything)
    assert all(office.is_settled(one) for one in everything)


def test_certificate_is_known_by_its_file_after_an_old_backup_was_restored(
    office: Office, tmp_path: Path
) -> None:
    certificate = office.certify()
    path = office.bot.settings.sqlite_path()
    assert path is not None
    backup.back_up(path, tmp_path / "old.bak")
    office.work(hours=0)
    assert len(office.files()) == 1
    go_back(office, tmp_path / "old.bak")
    office.work()
    assert len(office.files()) == 1
    assert office.is_settled(certificate.message_id)


def test_certificate_shared_anew_after_the_backup_knew_its_first_file_is_not_shared_again(
    office: Office, tmp_path: Path
) -> None:
    certificate = office.certify()
    path = office.bot.settings.sqlite_path()
    assert path is not None
    office.sandbox.faults.ratelimit("files.completeUploadExternal", 30)
    office.delivery.drain()
    assert office.stored(certificate.message_id).file_id is not None
    backup.back_up(path, tmp_path / "old.bak")
    office.wait(30)
    office.work(hours=0)
    assert len(office.files()) == 1
    go_back(office, tmp_path / "old.bak")
    office.work()
    assert len(office.files()) == 1
    assert office.is_settled(certificate.message_id)


def test_what_was_not_said_before_the_restore_is_said_once_in_recovery(office: Office) -> None:
    begin_recovery(office)
    one = office.write()
    office.delivery.drain()
    assert office.arrived()[one] == 1
    assert office.calls(LOOK_UP) == 1


def test_recovery_ends_after_two_days(office: Office) -> None:
    begin_recovery(office)
    office.wait(RECOVERY.total_seconds())
    one = office.write()
    office.delivery.drain()
    assert office.arrived()[one] == 1
    assert office.calls(LOOK_UP) == 0


def test_operators_word_begins_recovery_in_every_workspace(office: Office) -> None:
    settings: Settings = office.bot.settings
    assert recover(settings) == 1


def test_what_time_causes_is_sent_again_once_where_it_cannot_be_looked_up(office: Office) -> None:
    introduction = office.introduce()
    office.work(hours=0)
    one = office.write(kind=MessageKind.REMINDER, pairing_id=introduction.pairing_id)
    office.sandbox.faults.lose_answer(POST)
    office.sandbox.faults.fail(LOOK_UP, "missing_scope", times=99)
    office.work(hours=0.5)
    assert office.stored(one).state is MessageState.UNKNOWN
    assert office.arrived()[one] == 1
    (told,) = office.messages(MessageKind.UNREACHABLE)
    assert office.arrived()[told.message_id] == 1
    office.sandbox.faults.lose_answer(POST)
    office.wait(REPEAT_AFTER.total_seconds())
    office.delivery.drain()
    assert office.arrived()[one] == 2
    assert office.attempts(one).count(SENT_AGAIN) == 1
    for _day in range(4):
        office.work(hours=12)
    assert office.arrived()[one] == 2
    assert office.stored(one).state is MessageState.UNKNOWN
    assert len(office.messages(MessageKind.UNREACHABLE)) == 1


def test_what_happens_once_is_held_for_the_operator_where_it_cannot_be_looked_up(
    office: Office,
) -> None:
    held = {MessageKind.INTRODUCTION, MessageKind.CERTIFICATE, MessageKind.WELCOME}
    assert not any(may_repeat(kind) for kind in held)
    introduction = office.introduce()
    office.sandbox.faults.lose_answer(POST)
    office.sandbox.faults.fail(LOOK_UP, "channel_not_found", times=99)
    for _day in range(4):
        office.work(hours=12)
    assert office.arrived()[introduction.message_id] == 1
    assert office.stored(introduction.message_id).state is MessageState.UNKNOWN


def test_look_ups_that_fail_for_an_hour_are_given_up_and_told(office: Office) -> None:
    one = office.write()
    office.sandbox.faults.lose_answer(POST)
    office.sandbox.faults.fail(LOOK_UP, "internal_error", times=10_000)
    office.work(hours=LOOK_UPS_LAST / timedelta(hours=1) - 0.2)
    assert office.stored(one).state is MessageState.SENDING
    office.work(hours=1)
    assert office.stored(one).state is MessageState.UNKNOWN
    assert office.arrived()[one] == 1
    (told,) = office.messages(MessageKind.UNREACHABLE)
    office.work(hours=1)
    assert office.arrived()[told.message_id] == 1
