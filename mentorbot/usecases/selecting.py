"""The lottery: a commitment before the seed is known, one draw, and places by its outcome.

Step by step a transaction each: a process that is killed between two leaves nothing half done.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from mentorbot.domain import selection
from mentorbot.domain.admission import Lottery
from mentorbot.domain.draws import (
    ABANDONED,
    CHECKING,
    Draw,
    Traits,
    name_of,
    number_of,
    settle,
    ticket_of,
)
from mentorbot.domain.errors import (
    AlreadyDrawn,
    InvalidAnswers,
    NobodyToDraw,
    NoLottery,
    NoPlacesLeft,
    NotClosedYet,
    NotPublished,
    SeedKnown,
    SeedNotYet,
    Stale,
)
from mentorbot.domain.messages import MessageKind, MessageState
from mentorbot.domain.model import Application, ApplicationState, AuditEntry, Programme, Role
from mentorbot.domain.permissions import Action
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.domain.selection import LotteryRules
from mentorbot.storage import applications, draws, outbox, participants, sealed
from mentorbot.storage.applications import Round
from mentorbot.storage.store import Transaction
from mentorbot.usecases import lines, permitted, placing
from mentorbot.usecases.messages import enqueue

AT_ONCE = 50
"""How many applicants a slice places: it is over in a fifth of a second, for clicks wait."""
_SEED = re.compile(r"[^\r\n]{1,200}")


@dataclass(frozen=True)
class Prospect:
    """A lottery before its commitment: who would be in it, and who is still to be decided.

    `rules` are for the places that nobody holds yet.
    """

    role: Role
    lottery: Lottery
    rules: LotteryRules
    approved: int
    undecided: int


def lotteries(file: ProgrammeFile) -> dict[Role, Lottery]:
    """The lotteries of a programme by role; raises NoLottery where there is none."""
    found = lotteries_of(file)
    if not found:
        raise NoLottery
    return found


def lotteries_of(file: ProgrammeFile) -> dict[Role, Lottery]:
    """The lotteries of a programme by role, if any."""
    rules = file.application
    return {
        role: lottery
        for role in Role
        if rules is not None and isinstance(lottery := rules.selection_of(role), Lottery)
    }


def lottery_of(file: ProgrammeFile, role: Role) -> Lottery:
    """The lottery for a role; raises NoLottery."""
    found = lotteries(file).get(role)
    if found is None:
        raise NoLottery
    return found


def prospect(tx: Transaction, file: ProgrammeFile, role: Role) -> Prospect:
    """What a commitment would be to; raises NoLottery, NoPlacesLeft."""
    round_, lottery = placing.round_of(file), lottery_of(file, role)
    undecided = (ApplicationState.IN_REVIEW, ApplicationState.ASKED)
    return Prospect(
        role,
        lottery,
        _rules_left(tx, round_, role, lottery),
        applications.count(tx, round_, ApplicationState.APPROVED, role),
        sum(applications.count(tx, round_, state, role) for state in undecided),
    )


def check_time(file: ProgrammeFile, lottery: Lottery, now: datetime) -> None:
    """Raises NotClosedYet while people apply, SeedKnown once the seed's date has come."""
    today, closes_on = now.astimezone(file.zone).date(), placing.rules_of(file).closes_on
    if closes_on is not None and today <= closes_on:
        raise NotClosedYet(on=closes_on.isoformat())
    if lottery.seed_on is not None and today >= lottery.seed_on:
        raise SeedKnown(on=lottery.seed_on.isoformat())


def commit(tx: Transaction, programme: Programme, role: Role, actor: str, now: datetime) -> Draw:
    """Settle who is in the draw, by which rules and which seed, and publish a digest of it.

    Raises NotPermitted, NoLottery, NotClosedYet, SeedKnown, NobodyToDraw, NoPlacesLeft,
    SecretKeyMissing, and Stale where it was done before.
    """
    permitted.check(tx, programme.programme_id, actor, Action.SELECT)
    file = parse_stored(programme.definition)
    lottery, round_ = lottery_of(file, role), placing.round_of(file)
    if draws.of_round(tx, round_, role) is not None:
        raise Stale
    check_time(file, lottery, now)
    entering = draws.approved(tx, round_, role)
    if not entering:
        raise NobodyToDraw(role=role)
    rules = _rules_left(tx, round_, role, lottery)
    salt = _secret(tx)
    traits = _traits(tx, file, role, lottery, entering, salt)
    numbers = [number_of(salt, it) for it in entering]
    entrants = traits.entrants(rules, numbers)
    tickets = sorted(ticket_of(salt, it) for it in entering)
    name, source = name_of(file.id, round_.cohort, role), seed_source(lottery)
    draw = Draw(
        workspace_id=tx.workspace_id,
        draw_id=tx.new_id(),
        programme_id=file.id,
        cohort=round_.cohort,
        role=role,
        rules=rules.model_dump(),
        seed_source=source,
        entrants=[it.model_dump(exclude_none=True) for it in entrants],
        tickets=tickets,
        commitment=selection.commitment(name, rules, source, entrants, tickets),
        committed_at=now,
        committed_by=actor,
        salt=None,
        traits=None,
        next_due_at=now + ABANDONED,
        is_sealed=lottery.member_question is not None,
        seed_on=lottery.seed_on,
    )
    draw.salt, draw.traits = lines.keep(tx, draw, salt), lines.keep(tx, draw, traits.kept(numbers))
    tx.add(draw)
    _record(tx, draw, actor, "commit", now, commitment=draw.commitment)
    _announce(tx, programme, draw, MessageKind.DRAW_COMMITTED, now)
    return draw


def seed_source(lottery: Lottery) -> str:
    """Where the seed will come from, with its date where the file gives one."""
    on = f" ({lottery.seed_on.isoformat()})" if lottery.seed_on else ""
    return f"{lottery.seed_source}{on}"


def _secret(tx: Transaction) -> str:
    """A word that nobody guesses: 256 bits or more."""
    return "".join(tx.new_id() for _part in range(4))


def _rules_left(tx: Transaction, round_: Round, role: Role, lottery: Lottery) -> LotteryRules:
    """What is drawn: the places that nobody holds yet, and no more of them reserved than that.

    Raises NoPlacesLeft.
    """
    taken = applications.count(tx, round_, ApplicationState.SELECTED, role)
    left = lottery.places - taken
    if left < 1:
        raise NoPlacesLeft(role=role, count=lottery.places)
    changed = {"places": left, "reserved": min(lottery.reserved, left)}
    return lottery.rules().model_copy(update=changed)


def _traits(
    tx: Transaction,
    file: ProgrammeFile,
    role: Role,
    lottery: Lottery,
    entering: list[str],
    salt: str,
) -> Traits:
    members = _members(tx, file, role, lottery)
    before = draws.took_part(tx, placing.round_of(file), role, lottery.past_list)
    return Traits(
        _secret(tx),
        {
            "member": frozenset(number_of(salt, it) for it in entering if it in members),
            "newcomer": frozenset(number_of(salt, it) for it in entering if it not in before),
        },
    )


def _members(tx: Transaction, file: ProgrammeFile, role: Role, lottery: Lottery) -> set[str]:
    """The applications of those who agreed to the question about members, as it is put now."""
    asked = [it for it in file.sensitive_for(role) if it.id == lottery.member_question]
    return {
        given.application_id
        for question in asked
        for given in sealed.answers_to(
            tx, placing.round_of(file), role, question.id, question.consent_version
        )
        if tx.vault.open(given.sealed, given.place)
    }


def check_seed(
    tx: Transaction, programme: Programme, role: Role, seed: str, actor: str, now: datetime
) -> tuple[Draw, str]:
    """The draw that a seed would be for, and the seed as it would count; nothing is drawn.

    Raises NotPermitted, NotPublished where the commitment does not stand in the channel,
    SeedNotYet, InvalidAnswers for a seed of no words, AlreadyDrawn, and Stale where it was
    committed to too long ago.
    """
    permitted.check(tx, programme.programme_id, actor, Action.SELECT)
    file = parse_stored(programme.definition)
    found = draws.of_round(tx, placing.round_of(file), role)
    if found is None:
        raise NotPublished
    if found.seed is not None:
        raise AlreadyDrawn(seed=found.seed)
    if not found.is_to_come:
        raise Stale
    _check_published(tx, programme, found)
    check_seed_time(file, found, now)
    seed = seed.strip()
    if not _SEED.fullmatch(seed):
        raise InvalidAnswers({"seed": ("form.missing", {})})
    return found, seed


def draw(
    tx: Transaction, programme: Programme, role: Role, seed: str, actor: str, now: datetime
) -> Draw:
    """Draw, for good, by the seed that its source has given; the heartbeat then gives the places.

    Who has withdrawn since the commitment is passed over. Raises what `check_seed` raises.
    """
    found, seed = check_seed(tx, programme, role, seed, actor, now)
    _settle(tx, parse_stored(programme.definition), found, seed, actor, now)
    _announce(tx, programme, found, MessageKind.DRAW_PUBLISHED, now)
    return found


def check_seed_time(file: ProgrammeFile, found: Draw, now: datetime) -> None:
    """Raises SeedNotYet before the day on which the seed's source speaks."""
    if found.seed_on is not None and now.astimezone(file.zone).date() < found.seed_on:
        raise SeedNotYet(on=found.seed_on.isoformat())


def _settle(
    tx: Transaction, file: ProgrammeFile, found: Draw, seed: str, actor: str, now: datetime
) -> None:
    round_ = Round(found.programme_id, found.cohort)
    salt = str(lines.opened(tx, found, found.salt or ""))
    still = draws.approved(tx, round_, found.role)
    tickets = {number_of(salt, it): ticket_of(salt, it) for it in still}
    withdrawn = [it for it in found.numbers if it not in tickets]
    traits = Traits.read(lines.opened(tx, found, found.traits or ""), found.numbers)
    outcome = settle(found, traits, seed, withdrawn, tickets)
    found.seed, found.drawn_at, found.drawn_by = seed, now, actor
    found.entrants = [it.model_dump(exclude_none=True) for it in outcome.entrants]
    found.withdrawn, found.selected = withdrawn, outcome.selected
    found.waiting, found.traits, found.next_due_at = outcome.waiting, None, now
    by_ticket = {ticket_of(salt, it): it for it in still}
    most = found.parsed_rules.waiting_list
    lines.begin(tx, found, [by_ticket[it] for it in found.waiting[:most]])
    lottery = lotteries_of(file).get(found.role)
    if lottery is not None and lottery.member_question is not None:
        _end_purpose(tx, file, found, lottery.member_question, now)
    _record(tx, found, actor, "draw", now, commitment=found.commitment, seed=seed)


def _end_purpose(
    tx: Transaction, file: ProgrammeFile, found: Draw, question_id: str, now: datetime
) -> None:
    """The answer was for the selection alone: it goes with the results."""
    asked = next(it for it in file.sensitive_for(found.role) if it.id == question_id)
    if asked.keep_for == "selection":
        at = max(now, placing.results_at(file, file.time_zone) or now)
        sealed.end_selection(
            tx, Round(found.programme_id, found.cohort), found.role, question_id, at
        )


def _check_published(tx: Transaction, programme: Programme, found: Draw) -> None:
    """Raises NotPublished unless the commitment stands where everybody can read it."""
    kind = MessageKind.DRAW_COMMITTED
    said = outbox.by_key(tx, f"{found.draw_id}:{kind}:1:{programme.channel_id}")
    if said is None or said.state is not MessageState.SENT:
        raise NotPublished


def _announce(
    tx: Transaction, programme: Programme, found: Draw, kind: MessageKind, now: datetime
) -> None:
    """Tell the programme's channel; what was drawn it hears when everybody may know."""
    file = parse_stored(programme.definition)
    results_at = placing.results_at(file, file.time_zone)
    is_result = kind is MessageKind.DRAW_PUBLISHED
    enqueue(
        tx,
        kind,
        [programme.channel_id],
        programme_id=programme.programme_id,
        subject=found.draw_id,
        now=now,
        not_before=max(now, results_at) if is_result and results_at else None,
        draw_id=found.draw_id,
    )


def go_on(tx: Transaction, draw_id: str, now: datetime) -> None:
    """What is due of a draw: some more people get their places, or its link to people is cut."""
    found = draws.by_id(tx, draw_id)
    if found is None or found.next_due_at is None or found.next_due_at > now:
        return
    programme = participants.programme(tx, found.programme_id)
    if programme is not None and found.drawn_at is not None and found.placed_at is None:
        _place_some(tx, parse_stored(programme.definition), found, now)
    else:
        found.salt = found.traits = found.line = found.next_due_at = None


def _place_some(tx: Transaction, file: ProgrammeFile, found: Draw, now: datetime) -> None:
    salt = str(lines.opened(tx, found, found.salt or ""))
    some = draws.approved(tx, Round(found.programme_id, found.cohort), found.role, AT_ONCE)
    selected, listed = set(found.selected), set(found.numbers)
    in_line = lines.holds(tx, found)
    for application_id in some:
        application, number = tx.get(Application, application_id), number_of(salt, application_id)
        if application is None:
            continue
        state = ApplicationState.NOT_SELECTED
        if number in selected:
            state = ApplicationState.SELECTED
        elif number not in listed:
            lines.join(tx, found, application_id)
            state = ApplicationState.WAITING_LIST
        elif application_id in in_line:
            state = ApplicationState.WAITING_LIST
        placing.settle(tx, file, application, state, now)
    if len(some) < AT_ONCE:
        results_at = placing.results_at(file, file.time_zone)
        found.placed_at = now
        found.next_due_at = max(now, results_at or now) + CHECKING
        tx.session.flush()
        placing.fill(tx, file, now)


def _record(
    tx: Transaction, found: Draw, actor: str, action: str, now: datetime, **details: str
) -> None:
    tx.add(
        AuditEntry(
            tx.workspace_id,
            tx.new_id(),
            now,
            actor,
            f"lottery.{action}",
            found.draw_id,
            details,
        )
    )
