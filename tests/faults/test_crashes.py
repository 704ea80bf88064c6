"""A sender that dies at any moment: another takes over, and what stands in Slack stands once."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from mentorbot.domain.messages import Message, MessageState
from mentorbot.slack.app import web_client
from mentorbot.slack.posting import open_conversation, post, share_file, upload
from mentorbot.slack.rendering import Rendered, render
from mentorbot.storage import sending
from tests.faults.office import Office
from tests.world import AMARA, OMAR, ZOE

LEASE_SECONDS = 60


def claim(office: Office) -> Message:
    """A sender takes the next message under a lease, and dies unless it goes on."""
    with office.bot.store.begin(office.workspace_id) as tx:
        (found,) = sending.claim(tx, "dead", office.clock(), LEASE_SECONDS, 1).messages
    return found


def note_file(office: Office, message: Message) -> Rendered:
    """It goes on until what it posts is ready; a file is noted, its bytes are with Slack."""
    client = web_client(office.bot)
    with office.bot.store.begin(office.workspace_id) as tx:
        rendered = render(tx, message)
        if rendered.attachment:
            message.channel_id = open_conversation(client, message.recipients)
            message.file_id = upload(client, rendered.attachment)
            assert sending.note_file(tx, message, office.clock(), LEASE_SECONDS)
    return rendered


def call_slack(office: Office, message: Message, rendered: Rendered) -> None:
    """It goes on until Slack has answered, and settles nothing."""
    client = web_client(office.bot)
    if message.file_id is not None:
        share_file(client, message.channel_id or "", message.file_id, rendered)
    else:
        post(client, open_conversation(client, message.recipients), message.key, rendered)


def test_claim_of_the_dead_is_taken_over_when_its_lease_runs_out(office: Office) -> None:
    one = office.write()
    claim(office)
    office.wait(LEASE_SECONDS - 1)
    assert office.delivery.drain() == 0
    office.wait(1)
    assert office.delivery.drain() == 1
    assert office.arrived()[one] == 1
    assert office.calls("conversations.history") == 1
    assert office.is_settled(one)


def test_crash_between_call_and_settling_repeats_nothing(office: Office) -> None:
    one = office.write()
    claimed = claim(office)
    call_slack(office, claimed, note_file(office, claimed))
    assert office.arrived()[one] == 1
    office.wait(LEASE_SECONDS)
    assert office.delivery.drain() == 1
    assert office.arrived()[one] == 1
    assert office.is_settled(one)


def test_introduction_found_in_slack_gives_its_pairing_the_conversation(office: Office) -> None:
    introduction = office.introduce()
    claimed = claim(office)
    call_slack(office, claimed, note_file(office, claimed))
    office.work()
    assert office.arrived()[introduction.message_id] == 1
    group = office.stored(introduction.message_id).channel_id
    assert group is not None
    assert office.conversation_of(introduction.pairing_id) == group


@pytest.mark.parametrize("goes_as_far_as", ["claim", "file", "call"])
def test_crash_with_a_certificate_leaves_one_file_in_the_conversation(
    office: Office, goes_as_far_as: str
) -> None:
    certificate = office.certify()
    claimed = claim(office)
    if goes_as_far_as != "claim":
        rendered = note_file(office, claimed)
    if goes_as_far_as == "call":
        call_slack(office, claimed, rendered)
    office.wait(LEASE_SECONDS)
    office.work()
    assert len(office.files()) == 1
    assert office.is_settled(certificate.message_id)


def test_sender_that_comes_back_late_neither_sends_nor_settles(office: Office) -> None:
    one = office.write()
    claimed = claim(office)
    office.wait(LEASE_SECONDS)
    office.delivery.drain()
    with office.bot.store.read(office.workspace_id) as tx:
        assert not sending.is_held(tx, claimed)
    assert office.arrived()[one] == 1


def test_many_senders_at_once_send_everything_once(office: Office) -> None:
    everyone = (AMARA, ZOE, OMAR)
    sent = [office.write(f"{number}", to=everyone[number % 3]) for number in range(24)]
    office.sandbox.faults.lose_answer("chat.postMessage", times=3, after=5)
    senders = [office.another(f"sender {number}") for number in range(3)]
    ready = threading.Barrier(len(senders))
    claims: list[int] = []

    def drain(number: int) -> None:
        ready.wait()
        claims.append(senders[number].drain())

    threads = [threading.Thread(target=drain, args=(number,)) for number in range(len(senders))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(claims) > 0
    office.work()
    assert [office.arrived()[one] for one in sent] == [1] * len(sent)


def test_one_beat_after_another_repeats_nothing(office: Office) -> None:
    one = office.write()
    for _ in range(3):
        office.delivery.drain()
    assert office.arrived()[one] == 1
    assert office.stored(one).state is MessageState.SENT


def tick(office: Office, folder: Path) -> subprocess.Popen[bytes]:
    """`mentorbot tick` as a process of its own, as of the office's instant."""
    settings = office.bot.settings
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SLACK")},
        "SLACK_BOT_TOKEN": settings.slack_bot_token.get_secret_value(),
        "SLACK_API_URL": settings.slack_api_url,
        "MENTORBOT_DATABASE_URL": settings.mentorbot_database_url,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "mentorbot", "tick", "--now", office.clock().isoformat()],
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_killed_at_any_moment_nothing_is_lost_or_repeated(office: Office, tmp_path: Path) -> None:
    """Each process is killed in mid-delivery: after some calls to Slack, and a moment more."""
    chance = random.Random(2026)
    certificate = office.certify()
    sent = [office.write(f"{number}", to=(AMARA, ZOE)[number % 2]) for number in range(30)]
    killed = 0
    for _ in range(4):
        before = len(office.sandbox.calls)
        process = tick(office, tmp_path)
        until = before + chance.randrange(1, 14)
        while len(office.sandbox.calls) < until and process.poll() is None:
            time.sleep(0.001)
        time.sleep(chance.random() * 0.02)
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        office.wait(LEASE_SECONDS + 1)
    assert killed == 4
    process = tick(office, tmp_path)
    assert process.wait() == 0
    office.work()
    assert [office.arrived()[one] for one in sent] == [1] * len(sent)
    assert len(office.files()) == 1
    assert office.is_settled(certificate.message_id)
