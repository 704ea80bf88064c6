"""Finding mentors in the directory, by words and by what they answered."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mentorbot.domain.directory import Directory, Entry, search
from mentorbot.domain.errors import NoDirectory, NotEnrolled
from mentorbot.domain.matching.closeness import closeness, comparable
from mentorbot.domain.matching.preferences import digest
from mentorbot.domain.model import Participant, Role
from mentorbot.domain.permissions import Action
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.domain.questions import Choice, Choices
from mentorbot.storage import (
    appointments,
    concerns,
    directory,
    pairings,
    participants,
    partings,
    requests,
)
from mentorbot.storage.store import Transaction
from mentorbot.usecases.enrolment import programme_or_refuse


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for: words, an option of some questions, only who has a place."""

    words: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    only_free: bool = False


@dataclass(frozen=True)
class Found:
    """The mentors that a search found, best first, and the ids of those with a free place.

    `may_ask` is whether whoever looks can ask them to be their mentor.
    """

    file: ProgrammeFile
    rules: Directory
    mentors: tuple[Participant, ...]
    free: frozenset[str]
    may_ask: bool = False


def find(tx: Transaction, slack_user_id: str, wanted: Wanted, now: datetime) -> Found:
    """The mentors who answer to a search, for whoever takes part or sees the people.

    Those who answer equally well come by free places, by what they share with the person who looks,
    then in an order of that person's own, so that nobody is asked for standing first. Raises
    NotSetUp, NoDirectory, NotEnrolled.
    """
    file = parse_stored(programme_or_refuse(tx).definition)
    if file.directory is None:
        raise NoDirectory(programme=file.name)
    return among(tx, file, file.directory, slack_user_id, wanted, now)


def among(
    tx: Transaction,
    file: ProgrammeFile,
    rules: Directory,
    slack_user_id: str,
    wanted: Wanted,
    now: datetime,
) -> Found:
    """As `find`, in a programme's directory; a place that a request holds is not free.

    Nobody finds those from whom they are kept apart.
    """
    mine = _reader_or_refuse(tx, file, slack_user_id)
    listed = directory.mentors(tx, file.id, file.guidelines[Role.MENTOR].version)
    ids = [it.participant_id for it in listed]
    taken = Counter(pairings.partners_now(tx, ids))
    if file.matching.requests is not None:
        taken.update(requests.held(tx, ids, now))
    apart = partings.apart_from(tx, slack_user_id)
    held = concerns.held_among(tx, [it.slack_user_id for it in listed])
    free = frozenset(
        it.participant_id
        for it in listed
        if taken[it.participant_id] < it.capacity and it.slack_user_id not in held
    )
    fitting = {
        it.participant_id: it
        for it in listed
        if it.slack_user_id not in apart | {slack_user_id}
        and (it.participant_id in free or not wanted.only_free)
        and all(_says(it, question, option) for question, option in wanted.answers.items())
    }
    entries = [
        Entry(who, rules.text(it.answers), _order(file, mine, slack_user_id, it, free))
        for who, it in fitting.items()
    ]
    found = tuple(fitting[it] for it in search(wanted.words, entries))
    may_ask = file.matching.requests is not None and mine is not None and mine.role is Role.MENTEE
    return Found(file, rules, found, free, may_ask)


def filters_here(tx: Transaction) -> dict[str, tuple[str, ...]]:
    """The options of the directory's filters, by question, in the programme that is meant."""
    file = parse_stored(programme_or_refuse(tx).definition)
    return {it.id: it.options for it in filters(file)}


def filters(file: ProgrammeFile) -> tuple[Choice | Choices, ...]:
    """The questions of the directory by whose options one can look for mentors."""
    by_id = {it.id: it for it in file.form}
    shown = [by_id[it] for it in file.directory.shown] if file.directory else []
    return tuple(it for it in shown if isinstance(it, Choice | Choices))


def _reader_or_refuse(
    tx: Transaction, file: ProgrammeFile, slack_user_id: str
) -> Participant | None:
    held = participants.of_person(tx, file.id, slack_user_id)
    if held is not None and held.is_enrolled:
        return held
    if Action.SEE_PEOPLE not in appointments.actions(tx, file.id, slack_user_id):
        raise NotEnrolled
    return None


def _says(mentor: Participant, question: str, option: str) -> bool:
    answer = mentor.answers.get(question)
    return option in answer if isinstance(answer, list) else answer == option


def _order(
    file: ProgrammeFile,
    reader: Participant | None,
    slack_user_id: str,
    mentor: Participant,
    free: frozenset[str],
) -> tuple[int, ...]:
    rules = file.matching
    weights = {it.question: it.weight for it in rules.criteria}
    mine, theirs = (
        comparable(rules.telling(it.answers if it is not None else {}), weights)
        for it in (reader, mentor)
    )
    near = closeness(mine, theirs, weights)
    is_full = mentor.participant_id not in free
    return (is_full, -near, digest(slack_user_id, mentor.participant_id))
