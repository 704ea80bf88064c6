"""The dates of a programme that are somebody's, and the private address at which they are."""

from collections.abc import Iterator
from datetime import datetime

from mentorbot.domain.dates import Dated, DateKind, Feed, digest_of
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Participant
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.storage import feeds, meetings, pairings, participants
from mentorbot.storage.store import Transaction
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.usecases.messages import enqueue


def dates_of(
    tx: Transaction, file: ProgrammeFile, slack_user_id: str, now: datetime
) -> list[Dated]:
    """The dates that are still to come and are somebody's, the next first; no sessions."""
    today = now.astimezone(file.zone).date()
    who = participants.of_person(tx, file.id, slack_user_id)
    found = [*_of_file(tx, file)]
    if who is not None and who.is_enrolled:
        found += _of_pairs(tx, who)
    return sorted((it for it in found if it.on >= today), key=lambda it: (it.on, it.uid))


def _of_file(tx: Transaction, file: ProgrammeFile) -> Iterator[Dated]:
    known_at = programme_or_refuse(tx, file.id).set_up_at
    asked, ballot = file.application, file.matching.ballot
    for kind, on in (
        (DateKind.APPLICATIONS_OPEN, asked.opens_on if asked else None),
        (DateKind.APPLICATIONS_CLOSE, asked.closes_on if asked else None),
        (DateKind.RESULTS, asked.results_on if asked else None),
        (DateKind.BALLOT, ballot.opens_on if ballot else None),
        (DateKind.MATCHING, file.matching.on),
        (DateKind.STARTS, file.cycle.starts_on),
    ):
        if on is not None:
            yield Dated(f"{file.id}:{kind}:{on.isoformat()}", kind, on, known_at)


def _of_pairs(tx: Transaction, who: Participant) -> Iterator[Dated]:
    running = pairings.of_participant(tx, who.participant_id)
    for pairing in running:
        members = pairings.members(tx, pairing.pairing_id)
        others = tuple(it.slack_user_id for it in members if it is not who)
        uid, at = f"{pairing.pairing_id}:end", pairing.introduced_at
        yield Dated(uid, DateKind.PAIR_ENDS, pairing.ends_on, at, others)
        for met in meetings.of_pairings(tx, [pairing.pairing_id]).get(pairing.pairing_id, ()):
            if met.next_on is not None:
                uid = f"{pairing.pairing_id}:{met.next_on.isoformat()}"
                yield Dated(uid, DateKind.MEETING, met.next_on, met.logged_at, others)


def subscribe(tx: Transaction, slack_user_id: str, token: str, now: datetime) -> None:
    """Give somebody's calendar a new private address; one that it had opens nothing any more."""
    feeds.forget(tx, slack_user_id)
    tx.add(Feed(tx.workspace_id, digest_of(token), slack_user_id, now))


def unsubscribe(tx: Transaction, slack_user_id: str) -> None:
    """Take the address back."""
    feeds.forget(tx, slack_user_id)


def ask_for_file(tx: Transaction, programme_id: str, slack_user_id: str, now: datetime) -> None:
    """Send somebody their dates as a file."""
    enqueue(
        tx,
        MessageKind.CALENDAR_FILE,
        [slack_user_id],
        programme_id=programme_id,
        subject=tx.new_id(),
        now=now,
    )
