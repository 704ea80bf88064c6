"""Mila's lottery at a small size: a programme with reserved places, and people who apply to it."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from mentorbot.domain.draws import Draw, Traits, number_of, settle, ticket_of
from mentorbot.domain.model import Application, ApplicationState, ListedAddress, Person, Role
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.domain.selection import DrawFile, LotteryRules, commitment
from mentorbot.sandbox.demo import CHANNEL
from mentorbot.slack import ids
from mentorbot.storage.store import Transaction
from mentorbot.usecases import applying, enrolment, sensitive
from tests.applications import programme_file
from tests.world import Actor, World

AUTUMN = datetime(2022, 11, 14, 15, tzinfo=UTC)
"""Six weeks before Mila's applications closed."""
SEED = "3.14.15.22.35.42"
MEMBER: dict[str, Any] = {
    "id": "under_represented",
    "kind": "consent",
    "label": "I am of a group that is under-represented in AI",
    "required": False,
    "roles": ["mentee"],
    "sensitive": True,
    "purpose": "Some places are reserved for you.",
    "keep_for": "selection",
}
ORIGIN: dict[str, Any] = {
    "id": "origin",
    "kind": "choice",
    "label": "Where you are from",
    "options": ["Zanzibar-Pemba", "Aland-Kokar", "Somewhere else"],
    "required": False,
    "roles": ["mentee"],
    "sensitive": True,
    "purpose": "To see whether places reach everybody.",
    "keep_for": "cycle",
}
FIELD: dict[str, Any] = {
    "id": "field",
    "kind": "choice",
    "label": "Your field",
    "options": ["Industry", "Academia"],
}
ANSWERS: dict[str, Any] = {"field": "Industry"}
LOTTERY: dict[str, Any] = {
    "mode": "lottery",
    "places": 6,
    "reserved": 3,
    "newcomers_first": True,
    "seed_source": "the Lotto 6/49 draw, its six numbers ascending, joined by dots",
    "seed_on": "2023-01-04",
    "member_question": "under_represented",
    "past_list": "first_cohort",
}


def lottery_file(
    *, form: Sequence[dict[str, Any]] = (FIELD, MEMBER, ORIGIN), **changes: Any
) -> ProgrammeFile:
    """A programme whose mentees' places are drawn, with results on a day for all."""
    lottery = LOTTERY | changes.pop("lottery", {})
    rules: dict[str, Any] = {
        "closes_on": "2022-12-31",
        "results_on": "2023-01-23",
        "validation": "none",
        "eligibility": {},
        "selection": {"mentee": lottery},
    }
    lists = {"first_cohort": "Who was in the first cohort"}
    return programme_file(form=form, lists=lists, **(rules | changes))


def answer_confidentially(
    who: Actor, *, member: bool = True, origin: str | None = None, agreed: bool = True
) -> dict[str, str]:
    """Open the confidential questions from App Home and answer; the errors, if any."""
    who.hands.open_home()
    who.hands.click("home", ids.OPEN_SENSITIVE)
    given: dict[str, Any] = {}
    ticked = ["agreed"] if agreed else []
    if member:
        given |= {"under_represented": ["agreed"], "consent.under_represented": ticked}
    if origin:
        given |= {"origin": origin, "consent.origin": ticked}
    who.hands.fill_in(given)
    errors: dict[str, str] = who.hands.submit()
    who.hands.close_modal(all=True)
    who.world.settle()
    return errors


def crowd(
    world: World,
    count: int,
    *,
    members: Sequence[int] = (),
    before: Sequence[int] = (),
    origins: Sequence[str] = (),
    question: str = "under_represented",
    answers: Mapping[str, Any] = ANSWERS,
) -> list[str]:
    """So many people, on no wire, who apply for a place as a mentee by the use cases."""
    names = [f"U0CROWD{number:03d}" for number in range(count)]
    with world.bot.store.begin(world.running.workspace_id) as tx:
        for number, who in enumerate(names):
            tx.add(Person(tx.workspace_id, who, f"Crowd {number}", time_zone="America/Toronto"))
            given: dict[str, Any] = {question: 1} if number in members else {}
            if number < len(origins):
                given["origin"] = origins[number]
            address = f"crowd{number}@mila.quebec"
            applied = _apply(tx, who, world.clock(), {**answers, "address": address})
            applied.email = address
            sensitive.answer(tx, who, applied.application_id, given, (), world.clock())
            if number in before:
                past = (tx.workspace_id, "img", "first_cohort", applied.email)
                tx.add(ListedAddress(*past))
    world.settle()
    return names


def _apply(tx: Transaction, who: str, now: datetime, answers: Mapping[str, Any]) -> Application:
    programme = enrolment.programme_or_refuse(tx)
    applying.save(tx, programme, who, Role.MENTEE, answers, now)
    return applying.send(tx, programme, who, Role.MENTEE, now)


def channel_files(who: Actor) -> list[dict[str, Any]]:
    """The files in the programme's channel."""
    return [file for message in who.hands.messages(CHANNEL) for file in message.get("files", [])]


def published(who: Actor) -> dict[str, Any]:
    """The draw that the channel holds."""
    (file,) = channel_files(who)
    found: dict[str, Any] = json.loads(who.hands.download(file["id"]))
    return found


def states(world: World) -> dict[ApplicationState, int]:
    """How many applications stand where."""
    with world.bot.store.read(world.running.workspace_id) as tx:
        every = list(tx.session.query(Application))
    return {
        state: count
        for state in ApplicationState
        if (count := sum(it.state is state for it in every))
    }


SALT = "salt of sixty-four letters"


def drawn_file(
    rules: LotteryRules,
    flags: Sequence[tuple[bool, bool]],
    seed: str = SEED,
    gone: Collection[int] = (),
) -> DrawFile:
    """A published draw among applicants with (member, newcomer), of whom some have withdrawn."""
    who = [number_of(SALT, f"a{at}") for at in range(len(flags))]
    members = frozenset(it for it, said in zip(who, flags, strict=True) if said[0])
    newcomers = frozenset(it for it, said in zip(who, flags, strict=True) if said[1])
    traits = Traits("a key", {"member": members, "newcomer": newcomers})
    entrants = traits.entrants(rules, who)
    tickets = sorted(ticket_of(SALT, f"a{at}") for at in range(len(flags)))
    found = Draw(
        *("T0TEAM0000", "d0", "mila", 3, Role.MENTEE, rules.model_dump(), "the next draw"),
        [it.model_dump() for it in entrants],
        tickets,
        "",
        *(AUTUMN, "U0OWNER000", SALT, None, None),
    )
    found.commitment = commitment(found.name, rules, found.seed_source, entrants, tickets)
    found.seed, found.withdrawn = seed, [who[at] for at in gone]
    still = {who[at]: ticket_of(SALT, f"a{at}") for at in range(len(flags)) if at not in gone}
    outcome = settle(found, traits, seed, found.withdrawn, still)
    found.entrants = [it.model_dump() for it in outcome.entrants]
    found.selected, found.waiting = outcome.selected, outcome.waiting
    return found.published()
