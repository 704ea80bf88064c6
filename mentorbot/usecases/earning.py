"""What a mentor's certificate needs beside feedback, how far it has come, and giving it in time."""

from datetime import datetime
from typing import NamedTuple

from mentorbot.domain.attending import offer_in
from mentorbot.domain.content import CertificateConditions
from mentorbot.domain.model import Pairing, Participant, Role
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.storage import pairings, participants, sessions, surveys
from mentorbot.storage.store import Transaction
from mentorbot.usecases import certificates


class Lack(NamedTuple):
    """What is still to come: minutes of meetings, sessions or surveys; so many of so many."""

    what: str
    done: int
    needed: int


def earn(tx: Transaction, pairing: Pairing, mentor: Participant, now: datetime) -> bool:
    """Issue a mentor's certificate where a mentee gave feedback and nothing else lacks.

    Whether they hold it then, from now or from before.
    """
    if certificates.held(tx, pairing, mentor):
        return True
    if not _has_feedback(tx, pairing) or lacking(tx, pairing, mentor, now):
        return False
    return certificates.issue(tx, pairing, mentor, now) is not None


def reconsider(tx: Transaction, programme_id: str, slack_user_id: str, now: datetime) -> None:
    """A mentor has done something that a certificate may have waited for."""
    programme = participants.programme(tx, programme_id)
    if programme is None or parse_stored(programme.definition).certificate.requires is None:
        return
    mentor = participants.of_person(tx, programme_id, slack_user_id)
    for pairing in certificates.mentored(tx, mentor) if mentor else ():
        if mentor is not None:
            earn(tx, pairing, mentor, now)


def outstanding(tx: Transaction, mentor: Participant, now: datetime) -> list[Lack]:
    """What a mentor's newest cycle still lacks for its certificate; nothing once that is there."""
    mine = certificates.mentored(tx, mentor)
    if not mine or certificates.held(tx, mine[-1], mentor):
        return []
    return lacking(tx, mine[-1], mentor, now)


def lacking(tx: Transaction, pairing: Pairing, mentor: Participant, now: datetime) -> list[Lack]:
    """What a mentor has still to do for the certificate of a pairing's cycle."""
    programme = participants.programme(tx, pairing.programme_id)
    file = parse_stored(programme.definition) if programme else None
    rules = file.certificate.requires if file else None
    if file is None or rules is None:
        return []
    every = (
        _minutes(tx, rules, pairing, mentor),
        _sessions(tx, file, rules, pairing, mentor),
        _surveys(tx, file, rules, pairing, mentor, now),
    )
    return [it for it in every if it.done < it.needed]


def _minutes(
    tx: Transaction, rules: CertificateConditions, pairing: Pairing, mentor: Participant
) -> Lack:
    if rules.minutes is None:
        return Lack("minutes", 0, 0)
    mine = certificates.mentored_in_cycle(tx, pairing, mentor)
    done = certificates.minutes_met(tx, pairing.programme_id, mine)
    return Lack("minutes", done or 0, rules.minutes)


def _sessions(
    tx: Transaction,
    file: ProgrammeFile,
    rules: CertificateConditions,
    pairing: Pairing,
    mentor: Participant,
) -> Lack:
    """Sessions count for the cycle after the mentor's last one: some come before any pair."""
    if rules.sessions is None:
        return Lack("sessions", 0, 0)
    earlier = [
        it.ends_on
        for it in certificates.mentored(tx, mentor)
        if it.cycle_number < pairing.cycle_number
    ]
    rows = sessions.of_person(tx, mentor.slack_user_id)
    came = {it.session_id for it in rows.values() if it.came is not None}
    counted = [
        it
        for it in sessions.of_programme(tx, pairing.programme_id)
        if it.session_id in came
        and offer_in(file.sessions, it) is not None
        and (not earlier or it.starts_at.astimezone(file.zone).date() > max(earlier))
    ]
    return Lack("sessions", len(counted), rules.sessions)


def _surveys(
    tx: Transaction,
    file: ProgrammeFile,
    rules: CertificateConditions,
    pairing: Pairing,
    mentor: Participant,
    now: datetime,
) -> Lack:
    """Those of the cycle, or of a date, that have opened; one that was missed is missed."""
    if not rules.surveys:
        return Lack("surveys", 0, 0)
    asked = {it.id for it in file.surveys if it.counts_for(Role.MENTOR)}
    opened = [
        it
        for it in surveys.of_programme(tx, pairing.programme_id)
        if it.offer_id in asked
        and it.round in (0, pairing.cycle_number)
        and it.opens_at <= now
        and (it.round or it.closes_at >= pairing.introduced_at)
    ]
    done = [surveys.response(tx, it.survey_id, mentor.participant_id) for it in opened]
    return Lack("surveys", sum(it is not None for it in done), len(opened))


def _has_feedback(tx: Transaction, pairing: Pairing) -> bool:
    return any(
        pairings.feedback(tx, pairing.pairing_id, member.participant_id) is not None
        for member in pairings.members(tx, pairing.pairing_id)
    )
