"""What a run means to say: messages in the outbox, and how each is known again in Slack."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.messages import MessageKind, keeps_for
from mentorbot.domain.model import Certificate, Participant, ParticipantState, Person, Role
from mentorbot.programmes import preset
from mentorbot.storage.store import Transaction
from mentorbot.usecases import admin
from mentorbot.usecases.messages import enqueue
from tests.faults.chaos.record import Posting

PROGRAMME, CHANNEL, COORDINATOR = "img", "C0CHAOS000", "U0COORDINA"
IN_ONE_TRANSACTION = 200
READERS = 1000
PLAIN, FILE = "plain", "file"
_MARK = re.compile(r"no-\d+")


@dataclass(frozen=True)
class Intent:
    """One thing to be said once: in which workspace, to whom, with which mark in its words.

    A certificate is known by its file; role buttons and welcomes have neither mark nor file.
    """

    workspace_id: str
    readers: str
    mark: str


def workspace_name(number: int) -> str:
    """The id of one of the run's workspaces."""
    return f"T0CHAOS{number:03d}"


def marked(number: int, workspaces: int) -> Intent:
    """The numbered intent: most are to a person, some to a pair, a few to the channel."""
    reader = number // workspaces % READERS
    readers = f"U0READ{reader:06d}"
    if number % 20 == 1:
        readers = f"{readers},U0PAIR{reader:06d}"
    elif number % 50 == 2:
        readers = CHANNEL
    return Intent(workspace_name(number % workspaces), readers, f"no-{number:07d}")


def set_up(bot: MentorBot, workspaces: int) -> None:
    """Workspaces in which the IMG programme runs; its role buttons are to be said, too."""
    for number in range(workspaces):
        with bot.store.begin(workspace_name(number)) as tx:
            admin.know_workspace(tx, "Chaos", "U0MENTORBOT", bot.clock())
            tx.add(Person(tx.workspace_id, COORDINATOR, "Hannah"))
            admin.set_up(tx, preset(PROGRAMME), CHANNEL, COORDINATOR, bot.clock())


def write(bot: MentorBot, intents: Iterable[Intent]) -> None:
    """Put what is to be said into the outbox; the role buttons are there since the set-up."""
    begun = bot.clock() - timedelta(days=1)
    for workspace_id, some in _in_batches(intents):
        with bot.store.begin(workspace_id) as tx:
            for number, intent in enumerate(some):
                due_at = begun + timedelta(microseconds=1000 * number)
                _write_one(tx, intent, due_at)
        begun += timedelta(microseconds=1000 * len(some))


def _in_batches(intents: Iterable[Intent]) -> Iterator[tuple[str, list[Intent]]]:
    by_workspace: dict[str, list[Intent]] = {}
    for intent in intents:
        by_workspace.setdefault(intent.workspace_id, []).append(intent)
    for workspace_id, all_of_it in by_workspace.items():
        waiting = iter(all_of_it)
        while some := list(islice(waiting, IN_ONE_TRANSACTION)):
            yield workspace_id, some


def _write_one(tx: Transaction, intent: Intent, now: datetime) -> None:
    if intent.mark == FILE:
        _certify(tx, intent.readers, now)
    elif intent.mark == PLAIN:
        if intent.readers != CHANNEL:
            _welcome(tx, intent.readers, now)
    else:
        enqueue(
            tx,
            MessageKind.UNREACHABLE,
            intent.readers.split(","),
            programme_id=PROGRAMME,
            subject=intent.mark,
            now=now,
            whom=["U0SOMEBODY"],
            what=str(MessageKind.WELCOME),
            why=intent.mark,
        )


def _welcome(tx: Transaction, reader: str, now: datetime) -> None:
    enqueue(tx, MessageKind.WELCOME, [reader], programme_id=PROGRAMME, subject=reader, now=now)


def welcomed(number: int, workspaces: int) -> Intent:
    """The numbered welcome, to a reader who gets nothing else."""
    return Intent(workspace_name(number % workspaces), f"U0WELC{number:06d}", PLAIN)


def expiring(tx: Transaction, reader: str, now: datetime, in_seconds: float) -> None:
    """Something to a reader that is due, and in so many seconds no longer worth saying."""
    keeps = keeps_for(MessageKind.QUEUE_NEXT) or timedelta()
    enqueue(
        tx,
        MessageKind.QUEUE_NEXT,
        [reader],
        programme_id=PROGRAMME,
        subject=reader,
        now=now,
        not_before=now + timedelta(seconds=in_seconds) - keeps,
    )


def certified(number: int, workspaces: int) -> Intent:
    """The numbered certificate: a file, to a reader who gets nothing else."""
    return Intent(workspace_name(number % workspaces), f"U0CERT{number:06d}", FILE)


def _certify(tx: Transaction, reader: str, now: datetime) -> None:
    tx.add(Person(tx.workspace_id, reader, "Amara Okafor", "Europe/London"))
    tx.add(
        Participant(
            tx.workspace_id, reader, PROGRAMME, reader, Role.MENTOR, ParticipantState.ACTIVE
        )
    )
    held = Certificate(
        tx.workspace_id, reader, PROGRAMME, 1, reader, now.date(), now.date(), 1, issued_at=now
    )
    tx.add(held)
    enqueue(
        tx,
        MessageKind.CERTIFICATE,
        [reader],
        programme_id=PROGRAMME,
        subject=reader,
        now=now,
        certificate_id=held.certificate_id,
    )


def said(posting: Posting) -> Intent:
    """Which intent a message in Slack says, by its place and words alone, not by its key."""
    marked_as = _MARK.search(posting.text)
    mark = marked_as[0] if marked_as else FILE if posting.file_id else PLAIN
    return Intent(posting.workspace_id, posting.readers, mark)


@dataclass(frozen=True)
class Verdict:
    """What Slack's record says: intents that never arrived, and arrivals beyond the first."""

    lost: list[Intent]
    repeated: list[Intent]

    @property
    def is_clean(self) -> bool:
        """Everything arrived, once."""
        return not self.lost and not self.repeated


def verdict(intents: Iterable[Intent], postings: Iterable[Posting]) -> Verdict:
    """Compare what was meant with what stands in Slack."""
    arrived = Counter(said(posting) for posting in postings if posting.stands)
    meant = list(intents)
    lost = [intent for intent in meant if not arrived[intent]]
    return Verdict(lost, [one for one in meant for _again in range(arrived[one] - 1)])
