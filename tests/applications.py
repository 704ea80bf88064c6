"""A small programme that people apply to, in a database or a whole world."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from mentorbot.domain.messages import Message, MessageKind
from mentorbot.domain.model import Application, ApplicationState, Person, Role, Workspace
from mentorbot.domain.permissions import Appointment, TeamRole
from mentorbot.domain.programme import ProgrammeFile, parse_stored
from mentorbot.programmes import preset
from mentorbot.sandbox.demo import CHANNEL
from mentorbot.slack import ids
from mentorbot.storage import appointments, migration, participants, people, tables
from mentorbot.storage.sealing import Vault, new_key
from mentorbot.storage.store import Store, open_engine
from mentorbot.usecases import admin, applying, enrolment, tick
from tests.world import HANNAH, Actor, World, words

TEAM = "T0TEAM0000"
OWNER, ROSA, BEN = "U0OWNER000", "U0ROSA0000", "U0BEN00000"
"""The owner, and two who may review."""
JANUARY = datetime(2025, 1, 10, 15, tzinfo=UTC)
FORM: list[dict[str, Any]] = [
    {
        "id": "degree",
        "kind": "choice",
        "label": "Your degree",
        "options": ["Master's", "PhD"],
        "roles": ["mentee"],
    },
    {"id": "year", "kind": "number", "label": "Your year", "most": 9, "roles": ["mentee"]},
    {
        "id": "goals",
        "kind": "long_text",
        "label": "Your goals",
        "least": 20,
        "most": 1000,
        "roles": ["mentee"],
    },
    {
        "id": "committed",
        "kind": "attestation",
        "label": "I will take part in all of it",
        "roles": ["mentee"],
    },
    {
        "id": "field",
        "kind": "choice",
        "label": "Your field",
        "options": ["Medicine", "Industry", "Academia"],
    },
    {"id": "email", "kind": "email", "label": "Your address", "required": False},
    {
        "id": "capacity",
        "kind": "number",
        "label": "How many mentees",
        "most": 3,
        "roles": ["mentor"],
    },
]
YEARS: dict[str, Any] = {
    "any": [
        {"all": [{"answer": "degree", "is": "Master's"}, {"answer": "year", "at_least": 2}]},
        {"all": [{"answer": "degree", "is": "PhD"}, {"answer": "year", "at_least": 3}]},
    ]
}
GOALS = "To become a medical science liaison."
ANSWERS: dict[Role, dict[str, Any]] = {
    Role.MENTEE: {
        "degree": "PhD",
        "year": "3",
        "goals": GOALS,
        "committed": ["agreed"],
        "field": "Industry",
    },
    Role.MENTOR: {"field": "Industry", "capacity": "2"},
}


def programme_file(
    *,
    form: Sequence[dict[str, Any]] = FORM,
    lists: Any = None,
    criteria: Sequence[dict[str, Any]] = (),
    cycle: dict[str, Any] | None = None,
    matching: dict[str, Any] | None = None,
    **application: Any,
) -> ProgrammeFile:
    """A programme of one's own making, with these rules of applying."""
    rules = {"eligibility": {"mentee": YEARS}, **application}
    changed = {"form": form, "application": rules, "lists": lists or {}, "library": None}
    data = preset("img").model_dump(mode="json") | changed
    data["matching"] = matching or {"mode": "instant", "criteria": list(criteria)}
    data["cycle"] = cycle or data["cycle"]
    return ProgrammeFile.model_validate(data)


class Desk:
    """A programme's applications, by use case; each act is a transaction of its own."""

    def __init__(self, store: Store, file: ProgrammeFile) -> None:
        self.store, self.now = store, JANUARY
        self.knows(OWNER, ROSA, BEN)
        with store.begin(TEAM) as tx:
            admin.set_up(tx, file, "C0CHANNEL0", OWNER, self.now)
            for who in (ROSA, BEN):
                given = Appointment(TEAM, file.id, who, TeamRole.REVIEWER, "", self.now, OWNER)
                appointments.appoint(tx, given)

    def knows(self, *slack_user_ids: str) -> None:
        """These people are in the workspace."""
        with self.store.begin(TEAM) as tx:
            for who in slack_user_ids:
                if tx.get(Person, who) is None:
                    tx.add(Person(TEAM, who, f"Name of {who}", time_zone="Europe/London"))

    def act(self, use_case: Any, *args: Any) -> Any:
        """Run a use case whose last argument is the instant."""
        with self.store.begin(TEAM) as tx:
            return use_case(tx, *args, self.now)

    def apply(
        self, who: str, role: Role = Role.MENTEE, *, confirmed: str | None = None, **changes: Any
    ) -> Application:
        """Fill the whole form and send it; Slack has confirmed an address for them, or none."""
        self.knows(who)
        with self.store.begin(TEAM) as tx:
            programme = enrolment.programme_or_refuse(tx)
            given = ANSWERS[role] | changes
            applying.save(tx, programme, who, role, given, self.now)
            return applying.send(tx, programme, who, role, self.now, confirmed)

    def agree(self, who: str, role: Role = Role.MENTEE) -> None:
        """Acknowledge the guidelines of one's role."""
        self.act(enrolment.acknowledge, "img", who, role, self.file().guidelines[role].version)

    def file(self) -> ProgrammeFile:
        """The programme as it runs now."""
        with self.store.read(TEAM) as tx:
            return parse_stored(enrolment.programme_or_refuse(tx).definition)

    def application(self, application: Application) -> Application:
        """An application as it stands now."""
        with self.store.read(TEAM) as tx:
            found = tx.get(Application, application.application_id)
        assert found is not None
        return found

    def beat(self, most: int = 100) -> int:
        """The heartbeat does what is due, in as many transactions as it takes; how many."""
        for done in range(most):
            with self.store.read(TEAM) as tx:
                parts = tick.due(tx, self.now)
            if not parts:
                return done
            for part in parts:
                with self.store.read(TEAM) as tx:
                    foreseen = tick.foresee(tx, part, self.now) if part.needs_foresight else None
                with self.store.begin(TEAM) as tx:
                    tick.handle(tx, part, self.now, foreseen)
        return most

    def states(self) -> dict[str | None, ApplicationState]:
        """Where each applicant stands."""
        with self.store.read(TEAM) as tx:
            return {it.slack_user_id: it.state for it in tx.session.scalars(select(Application))}

    def told(self, kind: MessageKind) -> list[Message]:
        """What was to be said of a kind, oldest first."""
        with self.store.read(TEAM) as tx:
            query = select(Message).where(tables.outbox.c.kind == kind)
            return list(tx.session.scalars(query.order_by(tables.outbox.c.created_at)))

    def has_offer(self, who: str) -> bool:
        """Whether only the guidelines keep somebody from beginning."""
        with self.store.read(TEAM) as tx:
            held = participants.of_person(tx, "img", who)
        return held is not None and held.draft is not None


@contextmanager
def desk_at(folder: Path, file: ProgrammeFile) -> Iterator[Desk]:
    """A desk over a new SQLite database."""
    chance = random.Random(3)
    store = Store(
        open_engine(f"sqlite:///{folder / 'desk.db'}"),
        lambda: f"{chance.getrandbits(80):020x}",
        vault=Vault([new_key()]),
    )
    migration.upgrade(store.engine)
    with store.begin(TEAM) as tx:
        tx.add(Workspace(TEAM, "Team", "U0BOT00000", JANUARY))
    yield Desk(store, file)
    store.close()


def run(world: World, file: ProgrammeFile) -> None:
    """Set the programme up in the world's channel, run by Hannah."""
    with world.bot.store.begin(world.running.workspace_id) as tx:
        people.first_seen(tx, Person(tx.workspace_id, HANNAH, "Hannah"), world.clock())
        admin.set_up(tx, file, CHANNEL, HANNAH, world.clock())
    world.settle()


def fill(who: Actor, role: Role = Role.MENTEE, **changes: Any) -> None:
    """Press a role button and go through the form, page by page, to the last look."""
    action = ids.JOIN_AS_MENTEE if role is Role.MENTEE else ids.JOIN_AS_MENTOR
    who.hands.click(who.channel_card(), action)
    fill_pages(who, ANSWERS[role] | changes)


def fill_pages(who: Actor, answers: dict[str, Any]) -> None:
    """Fill in what the pages ask for, and go on to the last look."""
    while who.hands.modal and who.hands.modal["callback_id"] == ids.APPLICATION_PAGE_FORM:
        asked = [it["block_id"] for it in who.hands.modal["blocks"] if it["type"] == "input"]
        named = {block_id: block_id.partition(".")[0] for block_id in asked}
        who.hands.fill_in({at: answers[name] for at, name in named.items() if name in answers})
        errors = who.hands.submit()
        assert errors == {}, errors


def send(who: Actor) -> str:
    """Send from the last look; the words of what became of it."""
    assert who.hands.modal is not None
    assert who.hands.modal["callback_id"] == ids.APPLICATION_CHECK_FORM
    assert who.hands.submit() == {}
    who.world.settle()
    said = words(who.hands.modal or {})
    who.hands.close_modal(all=True)
    return said


def apply(who: Actor, role: Role = Role.MENTEE, **changes: Any) -> str:
    """Apply from the role button to the end; the words of what became of it."""
    fill(who, role, **changes)
    return send(who)
