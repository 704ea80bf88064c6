"""Agreements of pairs: written by the mentee, signed by all, changed by each, asked for kindly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mentorbot.domain.agreements import Agreement, AgreementRules
from mentorbot.domain.errors import InvalidAnswers, MenteeWritesFirst, NoAgreement, Stale
from mentorbot.domain.messages import Message, MessageKind, MessageState
from mentorbot.domain.model import AuditEntry, Pairing, Participant, ParticipantState, Role
from mentorbot.domain.permissions import Action
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.domain.questions import Problem
from mentorbot.domain.touchpoints import local_instant
from mentorbot.domain.voting import heard_at
from mentorbot.storage import agreements, pairings, participants, people, reports
from mentorbot.storage.store import Transaction
from mentorbot.usecases import permitted
from mentorbot.usecases.messages import enqueue

A_DAY = timedelta(days=1)
SIGN_WITHIN = timedelta(days=5)
"""Who has not signed by then is reminded once."""

_BY_TIME = (
    MessageKind.AGREEMENT_ASKED,
    MessageKind.AGREEMENT_DUE,
    MessageKind.AGREEMENT_UNSIGNED,
)


@dataclass(frozen=True)
class Desk:
    """A pair's agreement as one of them has it before them; `answers` are empty before it is."""

    file: ProgrammeFile
    rules: AgreementRules
    pairing: Pairing
    member: Participant
    members: tuple[Participant, ...]
    agreement: Agreement | None
    answers: Mapping[str, Any]

    @property
    def version(self) -> int:
        """The version that stands; 0 before the first."""
        return self.agreement.version if self.agreement else 0

    @property
    def is_signed(self) -> bool:
        """Whether all have signed what stands."""
        ids = [it.participant_id for it in self.members]
        return self.agreement is not None and self.agreement.is_signed(ids)

    @property
    def is_mine_to_sign(self) -> bool:
        """Whether what stands waits for this member."""
        mine = self.member.participant_id
        return self.agreement is not None and not self.agreement.is_signed_by(mine)

    @property
    def unsigned(self) -> tuple[Participant, ...]:
        """Those who have not signed what stands."""
        held = self.agreement
        return tuple(it for it in self.members if held and not held.is_signed_by(it.participant_id))


def desk(tx: Transaction, pairing_id: str, slack_user_id: str) -> Desk:
    """A pair's agreement for one of them.

    Raises NoAgreement where the programme has none, Stale for outsiders and pairs that have ended,
    SecretKeyMissing.
    """
    pairing = pairings.pairing(tx, pairing_id)
    members = tuple(pairings.members(tx, pairing_id)) if pairing else ()
    member = next((it for it in members if it.slack_user_id == slack_user_id), None)
    if pairing is None or member is None or not pairing.is_active:
        raise Stale
    programme = participants.programme(tx, pairing.programme_id)
    file = parse_stored(programme.definition) if programme else None
    if file is None or file.agreement is None:
        raise NoAgreement
    held = agreements.agreement(tx, pairing_id)
    answers = dict(tx.vault.open(held.sealed, pairing_id)) if held else {}
    return Desk(file, file.agreement, pairing, member, members, held, answers)


def write(
    tx: Transaction,
    pairing_id: str,
    slack_user_id: str,
    given: Mapping[str, Any],
    seen: int,
    now: datetime,
) -> Desk:
    """Write the agreement, or change it, and sign it; the others are asked to sign.

    `seen` is the version that the form showed: where another stands by now, nothing is lost or
    overwritten, and the form says so. Unchanged words are signed. Raises InvalidAnswers,
    MenteeWritesFirst for a mentor before there is one, and as `desk`.
    """
    found = desk(tx, pairing_id, slack_user_id)
    if found.agreement is None and found.member.role is not Role.MENTEE:
        raise MenteeWritesFirst
    answers = _checked(found.rules, given)
    if seen != found.version:
        raise InvalidAnswers({found.rules.questions[0].id: ("agreement.changed", {})})
    if found.agreement is not None and answers == found.answers:
        return sign(tx, pairing_id, slack_user_id, seen, now)
    version, mine = found.version + 1, found.member.participant_id
    sealed = tx.vault.seal(answers, pairing_id)
    held = found.agreement
    if held is None:
        entry = (tx.workspace_id, pairing_id, sealed, version, mine, now)
        held = tx.add(Agreement(*entry))
    held.sealed, held.version, held.written_by, held.written_at = sealed, version, mine, now
    held.signatures, held.shared = {mine: version}, None
    tx.session.flush()
    _note(tx, found.pairing, slack_user_id, "agreement.write", version, now)
    after = desk(tx, pairing_id, slack_user_id)
    for other in after.unsigned:
        _tell(tx, after, MessageKind.AGREEMENT_TO_SIGN, other, now, now)
        _tell(tx, after, MessageKind.AGREEMENT_UNSIGNED, other, now, now + SIGN_WITHIN)
    return after


def sign(tx: Transaction, pairing_id: str, slack_user_id: str, seen: int, now: datetime) -> Desk:
    """Sign what stands; once all have, each hears so.

    Raises Stale where another version stands than the one that was read, and as `desk`.
    """
    found = desk(tx, pairing_id, slack_user_id)
    held = found.agreement
    if held is None or held.version != seen:
        raise Stale
    if not found.is_mine_to_sign:
        return found
    held.signatures = {**held.signatures, found.member.participant_id: seen}
    tx.session.flush()
    _note(tx, found.pairing, slack_user_id, "agreement.sign", seen, now)
    if found.is_signed:
        for member in found.members:
            if member is not found.member:
                _tell(tx, found, MessageKind.AGREEMENT_SIGNED, member, now, now)
    return found


def share(
    tx: Transaction, pairing_id: str, slack_user_id: str, seen: int, now: datetime, *, is_on: bool
) -> Desk:
    """Let the programme's team read what stands, or no more; they do while all of the pair would.

    Raises Stale where another version stands than the one that was read, and as `desk`.
    """
    found = desk(tx, pairing_id, slack_user_id)
    held, mine = found.agreement, found.member.participant_id
    if held is None or held.version != seen:
        raise Stale
    others = [it for it in held.shared or () if it != mine]
    held.shared = [*others, mine] if is_on else others
    tx.session.flush()
    _note(tx, found.pairing, slack_user_id, f"agreement.{'share' if is_on else 'keep'}", seen, now)
    return found


@dataclass(frozen=True)
class Shared:
    """An agreement that a pair lets the team read."""

    members: tuple[Participant, ...]
    rules: AgreementRules
    answers: Mapping[str, Any]


def open_to_team(tx: Transaction, programme_id: str, reader: str, now: datetime) -> list[Shared]:
    """The agreements of running pairs that all of each let the team read; each look is on record.

    Raises NotPermitted, NoAgreement, SecretKeyMissing.
    """
    permitted.check(tx, programme_id, reader, Action.SEE_PAIRS)
    programme = participants.programme(tx, programme_id)
    rules = parse_stored(programme.definition).agreement if programme else None
    if rules is None:
        raise NoAgreement
    running = {it.pairing.pairing_id: it.pairing for it in reports.pairs(tx, programme_id)}
    found = []
    for pairing_id, held in agreements.of_pairings(tx, list(running)).items():
        members = tuple(pairings.members(tx, pairing_id))
        if held.is_open_to_team([it.participant_id for it in members]):
            _note(tx, running[pairing_id], reader, "agreement.view", held.version, now)
            found.append(Shared(members, rules, dict(tx.vault.open(held.sealed, pairing_id))))
    return found


def _checked(rules: AgreementRules, given: Mapping[str, Any]) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    problems: dict[str, Problem] = {}
    for asked in rules.questions:
        answer = asked.clean(given.get(asked.id))
        if problem := asked.problem(answer):
            problems[asked.id] = problem
        elif answer is not None:
            answers[asked.id] = answer
    if problems:
        raise InvalidAnswers(problems)
    return answers


def expect(
    tx: Transaction,
    file: ProgrammeFile,
    pairing: Pairing,
    mentees: Sequence[Participant],
    now: datetime,
) -> None:
    """A pair begins: the mentee is asked for the agreement in the first month, and once more."""
    rules = file.agreement
    if rules is None:
        return
    readers = people.readers(tx, [it.slack_user_id for it in mentees])
    last_day = max(rules.ask_day + 1, rules.due_day - 5)
    dated = ((MessageKind.AGREEMENT_ASKED, rules.ask_day), (MessageKind.AGREEMENT_DUE, last_day))
    for reader in readers:
        for kind, day in dated:
            on = pairing.starts_on + timedelta(days=day)
            if on < pairing.ends_on:
                enqueue(
                    tx,
                    kind,
                    [reader.slack_user_id],
                    programme_id=pairing.programme_id,
                    subject=pairing.pairing_id,
                    now=now,
                    not_before=local_instant(on, file.touchpoints.at, reader.time_zone),
                    pairing_id=pairing.pairing_id,
                    agreement=0,
                )


def own(tx: Transaction, programme_id: str, slack_user_id: str) -> list[Desk]:
    """The agreements of somebody's running pairings; raises as `desk`."""
    who = participants.of_person(tx, programme_id, slack_user_id)
    running = pairings.of_participant(tx, who.participant_id) if who else []
    return [desk(tx, it.pairing_id, slack_user_id) for it in running]


def signed_among(tx: Transaction, pairing_ids: Sequence[str]) -> set[str]:
    """Those of some pairings whose agreement all have signed."""
    found = agreements.of_pairings(tx, pairing_ids)
    return {
        pairing_id
        for pairing_id, held in found.items()
        if held.is_signed([it.participant_id for it in pairings.members(tx, pairing_id)])
    }


def pointless(tx: Transaction, message: Message) -> MessageState | None:
    """Why a message about an agreement is not to be sent any more; None where it is.

    The file asks for none any more, it stands otherwise by now, or its reader is on a break.
    """
    pairing_id = message.pairing_id or ""
    held, version = agreements.agreement(tx, pairing_id), message.params["agreement"]
    members = pairings.members(tx, pairing_id)
    reader = next((it for it in members if it.slack_user_id == message.recipients[0]), None)
    is_away = reader is not None and reader.state is ParticipantState.PAUSED
    if not _is_asked_for(tx, message) or (message.kind in _BY_TIME and is_away):
        return MessageState.CANCELLED
    if message.kind in (MessageKind.AGREEMENT_ASKED, MessageKind.AGREEMENT_DUE):
        return MessageState.CANCELLED if held is not None else None
    if held is None or held.version != version:
        return MessageState.CANCELLED
    asks = message.kind in (MessageKind.AGREEMENT_TO_SIGN, MessageKind.AGREEMENT_UNSIGNED)
    if reader is None or (asks and held.is_signed_by(reader.participant_id)):
        return MessageState.CANCELLED
    return None


def _is_asked_for(tx: Transaction, message: Message) -> bool:
    programme = participants.programme(tx, message.programme_id)
    return programme is not None and parse_stored(programme.definition).agreement is not None


def _tell(
    tx: Transaction,
    found: Desk,
    kind: MessageKind,
    reader: Participant,
    now: datetime,
    at: datetime,
) -> None:
    """A member hears by day on their own clock, from an instant on."""
    if not reader.is_enrolled:
        return
    person = people.person(tx, reader.slack_user_id)
    zone = person.time_zone if person else found.file.time_zone
    enqueue(
        tx,
        kind,
        [reader.slack_user_id],
        programme_id=found.pairing.programme_id,
        subject=found.pairing.pairing_id,
        occurrence=found.version,
        now=now,
        not_before=heard_at(at, zone, found.file.touchpoints.at, at + A_DAY),
        pairing_id=found.pairing.pairing_id,
        agreement=found.version,
    )


def _note(
    tx: Transaction, pairing: Pairing, actor: str, action: str, version: int, now: datetime
) -> None:
    details = {"version": version}
    entry = (tx.workspace_id, tx.new_id(), now, actor, action, pairing.pairing_id)
    tx.add(AuditEntry(*entry, details))
