"""A pair's own pace: how often it is asked how it goes, and going on longer when all agree."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mentorbot.domain.errors import NoExtension, NoPartner, Stale
from mentorbot.domain.messages import Message, MessageKind, MessageState
from mentorbot.domain.model import AuditEntry, Cycle, Pairing, Participant
from mentorbot.domain.pace import CADENCES, MOST_AMENDMENTS, Extension, cadence_of
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.domain.recurrence import Step
from mentorbot.domain.touchpoints import local_instant
from mentorbot.domain.voting import heard_at
from mentorbot.storage import extensions, outbox, pairings, participants, people
from mentorbot.storage.store import Transaction
from mentorbot.usecases import touchpoints, waiting
from mentorbot.usecases.messages import enqueue

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Pair:
    """A pairing that runs, as one of its members changes its pace; `members` has the mentor first.

    `cadence` is the word of `CADENCES` by which it is asked; None for the file's own rhythm.
    """

    file: ProgrammeFile
    pairing: Pairing
    member: Participant
    members: tuple[Participant, ...]

    @property
    def others(self) -> tuple[Participant, ...]:
        """All but the one who acts."""
        return tuple(it for it in self.members if it is not self.member)

    @property
    def cadence(self) -> str | None:
        """How often it is asked by its own wish."""
        return cadence_of(self.pairing)


def pair(tx: Transaction, pairing_id: str, slack_user_id: str) -> Pair:
    """A pairing for one of its members; raises Stale for outsiders and pairs that have ended."""
    found = pairings.pairing(tx, pairing_id)
    members = tuple(pairings.members(tx, pairing_id)) if found else ()
    member = next((it for it in members if it.slack_user_id == slack_user_id), None)
    programme = participants.programme(tx, found.programme_id) if found else None
    if found is None or member is None or programme is None or not found.is_active:
        raise Stale
    return Pair(parse_stored(programme.definition), found, member, members)


def own(tx: Transaction, programme_id: str, slack_user_id: str) -> list[Pair]:
    """Somebody's pairings that run; raises NoPartner where there are none."""
    who = participants.of_person(tx, programme_id, slack_user_id)
    running = pairings.of_participant(tx, who.participant_id) if who else []
    if not running:
        raise NoPartner
    return [pair(tx, it.pairing_id, slack_user_id) for it in running]


def set_cadence(
    tx: Transaction, pairing_id: str, slack_user_id: str, word: str, now: datetime
) -> Pair:
    """Ask a pair how it goes as often as a word of `CADENCES` says, from today on.

    The others hear so, and each of them can change it again. Raises Stale, also for a word that
    there is not, and past `MOST_AMENDMENTS`.
    """
    found = pair(tx, pairing_id, slack_user_id)
    if word not in CADENCES or len(found.pairing.amendments or ()) >= MOST_AMENDMENTS:
        raise Stale
    if word == found.cadence:
        return found
    _amend(tx, found, now, word)
    _note(tx, found, "pairing.cadence", {"every": word}, now)
    number = len(found.pairing.amendments or ())
    for other in found.others:
        _tell(tx, found, MessageKind.CADENCE_SET, other, number, now, who=slack_user_id, every=word)
    return found


def _amend(
    tx: Transaction, found: Pair, now: datetime, word: str | None = None, end: date | None = None
) -> None:
    """Write an amendment from today on, or from the last day that has had its touchpoint."""
    pairing = found.pairing
    passed = touchpoints.points_of(found.file, pairing)[: pairing.next_step]
    today = now.astimezone(found.file.zone).date()
    from_on = max([today, *(it.on for it in passed)])
    was = {"from_on": from_on.isoformat(), "was_ends_on": pairing.ends_on.isoformat()}
    pairing.amendments = [*(pairing.amendments or ()), was | ({"every": word} if word else {})]
    pairing.ends_on = end or pairing.ends_on
    touchpoints.schedule(tx, found.file, pairing)
    tx.session.flush()


def months_on_offer(found: Pair) -> tuple[int, ...]:
    """By how many months a pair may go on longer; empty where it may not."""
    return found.file.extension.months if found.file.extension else ()


def propose(
    tx: Transaction, pairing_id: str, slack_user_id: str, months: int, now: datetime
) -> Pair:
    """Wish to go on longer: the others are asked, and all have to agree.

    Who wishes what is already asked for agrees to it; another length takes its place. Raises Stale,
    NoExtension where the programme has none, or the pair is being closed.
    """
    found = pair(tx, pairing_id, slack_user_id)
    _cycle_or_refuse(tx, found)
    if months not in months_on_offer(found):
        raise NoExtension
    held = extensions.extension(tx, pairing_id)
    if held is not None and held.is_open and held.months == months:
        return agree(tx, pairing_id, slack_user_id, held.version, now)
    mine = found.member.participant_id
    if held is None:
        held = tx.add(Extension(tx.workspace_id, pairing_id, 0, months, mine, now))
    held.version, held.months, held.is_open = held.version + 1, months, True
    held.asked_by, held.asked_at, held.agreed = mine, now, [mine]
    tx.session.flush()
    _note(tx, found, "extension.propose", {"months": months}, now)
    for other in found.others:
        _tell_of(tx, found, MessageKind.EXTENSION_PROPOSED, other, held, now)
    return found


def _cycle_or_refuse(tx: Transaction, found: Pair) -> Cycle:
    cycle = tx.get(Cycle, found.pairing.programme_id, found.pairing.cycle_number)
    if found.file.extension is None or cycle is None or cycle.closed_at is not None:
        raise NoExtension
    return cycle


def _held_or_refuse(tx: Transaction, pairing_id: str, version: int) -> Extension:
    held = extensions.extension(tx, pairing_id)
    if held is None or not held.is_open or held.version != version:
        raise Stale
    return held


def agree(
    tx: Transaction, pairing_id: str, slack_user_id: str, version: int, now: datetime
) -> Pair:
    """Want to go on longer, too; once all do, every later date moves. Raises as `propose`."""
    found, held = pair(tx, pairing_id, slack_user_id), _held_or_refuse(tx, pairing_id, version)
    cycle = _cycle_or_refuse(tx, found)
    mine = found.member.participant_id
    held.agreed = [*held.agreed, mine] if mine not in held.agreed else held.agreed
    _note(tx, found, "extension.agree", {"months": held.months}, now)
    if not {it.participant_id for it in found.members} <= set(held.agreed):
        tx.session.flush()
        return found
    held.is_open = False
    _extend(tx, found, cycle, held.months, now)
    for other in found.others:
        _tell_of(tx, found, MessageKind.EXTENSION_AGREED, other, held, now)
    return found


def _extend(tx: Transaction, found: Pair, cycle: Cycle, months: int, now: datetime) -> None:
    """Move the pair's end, and with it its closing, its choices and its cycle."""
    anchor = cycle.anchor_day or found.pairing.ends_on.day
    end = Step(months=months).after(found.pairing.ends_on, anchor)
    _amend(tx, found, now, end=end)
    cycle.ends_on, hour = end, found.file.touchpoints.at
    cycle.ends_at = local_instant(end, hour, found.file.time_zone)
    kinds = (MessageKind.CLOSING, MessageKind.REMINDER)
    outbox.cancel_kinds(tx, found.pairing.pairing_id, kinds, now)
    ids = [it.participant_id for it in found.members]
    extensions.forget_choices(tx, cycle.programme_id, cycle.number, ids)
    for member in found.members:
        waiting.update(tx, member, now)


def decline(
    tx: Transaction, pairing_id: str, slack_user_id: str, version: int, now: datetime
) -> Pair:
    """Leave the end where it is; whoever wished otherwise hears so kindly. Raises Stale."""
    found, held = pair(tx, pairing_id, slack_user_id), _held_or_refuse(tx, pairing_id, version)
    held.is_open = False
    _note(tx, found, "extension.decline", {"months": held.months}, now)
    for other in found.others:
        if other.participant_id == held.asked_by:
            _tell_of(tx, found, MessageKind.EXTENSION_DECLINED, other, held, now)
    return found


def pointless(tx: Transaction, message: Message) -> MessageState | None:
    """Why nobody is to be asked about going on longer any more; None where they are."""
    held = extensions.extension(tx, message.pairing_id or "")
    if message.kind is not MessageKind.EXTENSION_PROPOSED:
        return None
    is_asked = held is not None and held.is_open and held.version == message.params["extension"]
    return None if is_asked else MessageState.CANCELLED


def _tell_of(
    tx: Transaction,
    found: Pair,
    kind: MessageKind,
    reader: Participant,
    held: Extension,
    now: datetime,
) -> None:
    until = found.pairing.ends_on.isoformat()
    about: dict[str, str | int] = {"extension": held.version, "months": held.months}
    about |= {"until": until, "who": found.member.slack_user_id}
    _tell(tx, found, kind, reader, held.version, now, **about)


def _tell(
    tx: Transaction,
    found: Pair,
    kind: MessageKind,
    reader: Participant,
    occurrence: int,
    now: datetime,
    **params: str | int,
) -> None:
    """A member hears by day on their own clock."""
    person = people.person(tx, reader.slack_user_id)
    zone = person.time_zone if person else found.file.time_zone
    enqueue(
        tx,
        kind,
        [reader.slack_user_id],
        programme_id=found.pairing.programme_id,
        subject=found.pairing.pairing_id,
        occurrence=occurrence,
        now=now,
        not_before=heard_at(now, zone, found.file.touchpoints.at, now + A_DAY),
        pairing_id=found.pairing.pairing_id,
        **params,
    )


def _note(
    tx: Transaction, found: Pair, action: str, details: dict[str, str | int], now: datetime
) -> None:
    actor, pairing_id = found.member.slack_user_id, found.pairing.pairing_id
    tx.add(AuditEntry(tx.workspace_id, tx.new_id(), now, actor, action, pairing_id, details))
