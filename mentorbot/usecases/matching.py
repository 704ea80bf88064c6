"""Matching those who wait, and introducing the pairs that come of it."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Any

from mentorbot.domain.matching.instant import Candidate, Pair, Proposal, propose
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Membership, MilestoneKind, Pairing, Participant, Role
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.storage import in_line, milestones, pairings, participants, partings, requests
from mentorbot.storage.store import Transaction
from mentorbot.usecases import (
    agreements,
    ballots,
    cycle_opening,
    introduced,
    request_ends,
    touchpoints,
    waiting,
)
from mentorbot.usecases.ballot_matching import propose_by_ballot
from mentorbot.usecases.best_matching import propose_best
from mentorbot.usecases.messages import enqueue
from mentorbot.usecases.outlook import outlook
from mentorbot.usecases.rearranging import Arrangements, Wanted, rearrange

FEW = 50
"""So many people who wait in one role are few: they meet the first in line of the other."""


def match_waiting(tx: Transaction, programme_id: str, now: datetime) -> list[Pairing]:
    """Match everyone who can be matched now, under the programme's lock, and introduce them.

    While a cycle is being closed nobody is: its closing matches all who wait in the end. Nor is
    anybody where all who wait are matched together on a date, or no more.
    """
    participants.lock(tx, programme_id)
    programme = participants.programme(tx, programme_id)
    if programme is None or pairings.is_closing(tx, programme_id, now):
        return []
    if not outlook(tx, parse_stored(programme.definition), now).is_at_once:
        return []
    made = introduce(tx, programme_id, proposals(tx, programme_id, now), now)
    waiting.tell_who_is_next(tx, programme_id, now)
    return made


def proposals(tx: Transaction, programme_id: str, now: datetime) -> tuple[Proposal, ...]:
    """Whom to match with whom now; for many who wait in both roles this takes seconds."""
    programme = participants.programme(tx, programme_id)
    if programme is None:
        return ()
    file = parse_stored(programme.definition)
    return _propose(tx, file, _who_matter(tx, programme_id, file), propose, now)


def proposals_together(tx: Transaction, programme_id: str, now: datetime) -> tuple[Proposal, ...]:
    """Whom to match with whom where all who wait are matched together, as the file says."""
    programme = participants.programme(tx, programme_id)
    if programme is None:
        return ()
    file = parse_stored(programme.definition)
    queue = in_line.ready(tx, programme_id, file.guideline_versions)
    if not file.matching.waits_for_all:
        return _propose(tx, file, queue, propose, now)
    best = partial(propose_best, waited_longer=_who_waited_longer(tx, programme_id, queue))
    if file.matching.group is not None:
        best = partial(best, least=file.matching.group.least)
    cast = ballots.to_be_matched(tx, file)
    if cast is not None:
        best = partial(propose_by_ballot, cast=cast, rules=file.matching, best=best)
    found = _propose(tx, file, queue, best, now)
    return tuple(sorted(found, key=_mentor_of)) if file.matching.group else found


def _who_waited_longer(
    tx: Transaction, programme_id: str, queue: Sequence[Participant]
) -> set[str]:
    before = milestones.last_done(tx, programme_id, MilestoneKind.MATCHING)
    matched_at = before.done_at if before else None
    return {p.participant_id for p in queue if _waited_longer(p, matched_at)}


def rearranged(
    tx: Transaction, file: ProgrammeFile, wanted: Wanted, now: datetime
) -> Arrangements | None:
    """The pairs of all who wait after one is changed; None where the two cannot be a pair."""
    queue = in_line.ready(tx, file.id, file.guideline_versions)
    waited_longer = _who_waited_longer(tx, file.id, queue)
    return rearrange(*_given(tx, file, queue, now), waited_longer, wanted)


def some_of(
    proposals: list[dict[str, Any]], most: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The first so many proposals, and the rest; what follows with the same mentor stays with them.

    So no group is taken apart.
    """
    end = min(most, len(proposals))
    while 0 < end < len(proposals):
        if proposals[end]["mentor_id"] != proposals[end - 1]["mentor_id"]:
            break
        end += 1
    return proposals[:end], proposals[end:]


def _mentor_of(found: Proposal) -> str:
    return found.mentor_id


def _waited_longer(participant: Participant, matched_at: datetime | None) -> bool:
    """Whether somebody lost a partner, or was left over when all were matched last."""
    since = participant.waiting_since_at
    was_left_over = matched_at is not None and since is not None and since < matched_at
    return participant.is_front_of_queue or was_left_over


def _who_matter(tx: Transaction, programme_id: str, file: ProgrammeFile) -> list[Participant]:
    """Those who wait; where few do in one role, of the other only the first in line.

    So many of those that each place of the few is taken, leaving aside past partners and who is
    kept apart from them: who comes after
    them in line has no part in what `propose` finds, which a test holds. With tracks they may, and
    where requests hold places of those who come before them.
    """
    versions = file.guideline_versions
    if file.matching.tracks or file.matching.requests:
        return in_line.ready(tx, programme_id, versions)
    for role in Role:
        few = in_line.some_ready(tx, programme_id, versions, role, FEW + 1)
        if len(few) <= FEW:
            places = sum(one.capacity for one in few)
            enough = places + pairings.seats_ever(tx, [one.participant_id for one in few])
            enough += len(partings.apart_among(tx, [one.slack_user_id for one in few]))
            line = in_line.first_ready(
                tx, programme_id, versions, role.counterpart, enough if few else 0, file.zone
            )
            return few + line
    return in_line.ready(tx, programme_id, versions)


def introduce(
    tx: Transaction, programme_id: str, found: Sequence[Proposal], now: datetime
) -> list[Pairing]:
    """Introduce the proposed pairs, apart from those of whom one waits in that role no more.

    A group that has become too small is not made.
    """
    return [pairing for pairing, _made_of in introduce_each(tx, programme_id, found, now)]


def introduce_each(
    tx: Transaction, programme_id: str, found: Sequence[Proposal], now: datetime
) -> list[tuple[Pairing, list[Proposal]]]:
    """As `introduce`, each pairing with the proposals that it was made of."""
    programme = participants.programme(tx, programme_id)
    if programme is None or not found:
        return []
    file = parse_stored(programme.definition)
    ids = {who for one in found for who in (one.mentor_id, one.mentee_id)}
    ready = in_line.ready(tx, programme_id, file.guideline_versions, ids)
    by_id = {participant.participant_id: participant for participant in ready}
    apart = _apart(tx, ready)
    found = [it for it in found if it.mentor_id not in apart.get(it.mentee_id, ())]
    made = []
    group = file.matching.group
    together = [list(those) for _, those in groupby(found, _mentor_of)]
    for those in together if group else [[one] for one in found]:
        mentor = by_id.get(those[0].mentor_id)
        still = [one for one in those if _waits(by_id.get(one.mentee_id), Role.MENTEE)]
        if mentor and _waits(mentor, Role.MENTOR) and len(still) >= (group.least if group else 1):
            mentees = [by_id[one.mentee_id] for one in still]
            pairing = _introduce(tx, file, mentor, mentees, _reasons(still), now)
            made.append((pairing, still))
    return made


def introduce_asked(
    tx: Transaction,
    file: ProgrammeFile,
    mentor: Participant,
    mentee: Participant,
    reasons: list[dict[str, Any]],
    now: datetime,
) -> Pairing:
    """Introduce a mentor to a mentee who asked them, whoever else waits or is paired."""
    return _introduce(tx, file, mentor, [mentee], reasons, now)


def _waits(participant: Participant | None, role: Role) -> bool:
    if participant is None or participant.waiting_since_at is None:
        return False
    return participant.role is role


def _propose(
    tx: Transaction,
    file: ProgrammeFile,
    queue: list[Participant],
    found_by: Callable[..., tuple[Proposal, ...]],
    now: datetime,
) -> tuple[Proposal, ...]:
    mentors, mentees, past, weights = _given(tx, file, queue, now)
    return found_by(mentors, mentees, past, weights) if mentors and mentees else ()


def _given(
    tx: Transaction, file: ProgrammeFile, queue: Sequence[Participant], now: datetime
) -> tuple[list[Candidate], list[Candidate], Collection[Pair], dict[str, int]]:
    """Mentors, mentees, past pairs and the weights of questions: what every matching goes by."""
    candidates = _candidates(tx, file, queue, now)
    weights = {criterion.question: criterion.weight for criterion in file.matching.criteria}
    if file.matching.tracks:
        weights.setdefault(file.matching.tracks, 0)
    past = pairings.past_pairs(tx, [p.participant_id for p in queue])
    return candidates[Role.MENTOR], candidates[Role.MENTEE], past, weights


def _candidates(
    tx: Transaction, file: ProgrammeFile, queue: Sequence[Participant], now: datetime
) -> dict[Role, list[Candidate]]:
    ids = [p.participant_id for p in queue]
    taken = pairings.partners_now(tx, ids)
    held = requests.held(tx, ids, now) if file.matching.requests else {}
    apart = _apart(tx, queue)
    candidates: dict[Role, list[Candidate]] = {role: [] for role in Role}
    for found in queue:
        since = found.waiting_since_at
        load = taken.get(found.participant_id, 0)
        places = max(0, found.capacity - load - held.get(found.participant_id, 0))
        if file.matching.group and found.role is Role.MENTOR and places:
            places = 0 if load else file.matching.group.most
        if found.role is not None and since is not None:
            candidates[found.role].append(
                Candidate(
                    participant_id=found.participant_id,
                    open_places=places,
                    partners_now=load,
                    is_front_of_queue=found.is_front_of_queue,
                    waiting_on=since.astimezone(file.zone).date(),
                    waiting_since_at=since,
                    answers=file.matching.telling(found.answers),
                    tracks=_tracks(file, found.answers),
                    apart=apart.get(found.participant_id, frozenset()),
                )
            )
    return candidates


def _apart(tx: Transaction, some: Sequence[Participant]) -> dict[str, frozenset[str]]:
    """Of some people, by id, those with whom each is never matched."""
    by_user = {it.slack_user_id: it.participant_id for it in some}
    found: dict[str, frozenset[str]] = {}
    for one, other in partings.apart_among(tx, list(by_user)):
        if one in by_user and other in by_user:
            mine = by_user[one]
            found[mine] = found.get(mine, frozenset()) | {by_user[other]}
    return found


def _tracks(file: ProgrammeFile, answers: dict[str, Any]) -> frozenset[str]:
    answer = answers.get(file.matching.tracks) if file.matching.tracks else None
    return frozenset([answer] if isinstance(answer, str) else answer or ())


def _introduce(
    tx: Transaction,
    file: ProgrammeFile,
    mentor: Participant,
    mentees: Sequence[Participant],
    reasons: list[dict[str, Any]],
    now: datetime,
) -> Pairing:
    place = cycle_opening.place_for_pairing(tx, file, mentor.programme_id, now)
    pairing = tx.add(
        Pairing(
            workspace_id=tx.workspace_id,
            pairing_id=tx.new_id(),
            programme_id=mentor.programme_id,
            cycle_number=place.cycle_number,
            starts_on=place.starts_on,
            ends_on=place.ends_on,
            introduced_at=now,
            reasons=reasons,
        )
    )
    everyone = (mentor, *mentees)
    for mentee in mentees:
        request_ends.between(tx, mentor, mentee, now)
    for member in everyone:
        role = Role.MENTOR if member is mentor else Role.MENTEE
        tx.add(Membership(tx.workspace_id, pairing.pairing_id, member.participant_id, role))
    for member in everyone:
        member.is_front_of_queue = False
        waiting.update(tx, member, now)
    touchpoints.schedule(tx, file, pairing)
    agreements.expect(tx, file, pairing, mentees, now)
    introduced.by_email(tx, file, pairing, everyone, now)
    enqueue(
        tx,
        MessageKind.INTRODUCTION,
        [member.slack_user_id for member in everyone],
        programme_id=pairing.programme_id,
        subject=pairing.pairing_id,
        now=now,
        pairing_id=pairing.pairing_id,
    )
    return pairing


def _reasons(found: Sequence[Proposal]) -> list[dict[str, Any]]:
    """What all of a pair or group share, heaviest first."""
    reasons: list[dict[str, Any]] = list(found[0].reasons)
    for other in found[1:]:
        theirs = {it["question"]: it["shared"] for it in other.reasons}
        shared = (
            (it["question"], _both(it["shared"], theirs.get(it["question"]))) for it in reasons
        )
        reasons = [{"question": question, "shared": it} for question, it in shared if it]
    if any(it.is_repeat for it in found):
        reasons.append({"question": "repeat", "shared": ""})
    return reasons


def _both(one: Any, other: Any) -> Any:
    """What two shared answers have in common; what was typed may differ in capitals."""
    if isinstance(one, list) and isinstance(other, list):
        return [value for value in one if value in other]
    is_same = isinstance(other, str) and str(one).casefold() == other.casefold()
    return one if is_same else None
