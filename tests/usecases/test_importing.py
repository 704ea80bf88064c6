"""Importing an export: the same rules as in Slack, and the same file again changes nothing."""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mentorbot.bootstrap import MentorBot, mail_by
from mentorbot.config import Settings
from mentorbot.domain.errors import ImportRefused
from mentorbot.domain.imports import Rejected
from mentorbot.domain.model import Application, ApplicationState, AuditEntry, ListedAddress, Role
from mentorbot.intake import BOTH, Order, Watch, import_applications
from mentorbot.storage import applications, imports
from mentorbot.storage.applications import Round
from mentorbot.usecases import importing, reviewing
from mentorbot.usecases.importing import Report
from tests.applications import GOALS, OWNER, TEAM, Desk, desk_at, programme_file

HEADER = (
    "Timestamp,Email Address,Name,Your degree,Your year,Your goals,"
    "I will take part in all of it,Your field"
)
JANUARY_3 = datetime(2025, 1, 3, 9, tzinfo=UTC)


class Portal:
    """A form elsewhere, whose exports are imported at the desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.rejected: list[Rejected] = []
        settings = Settings(_env_file=None)
        self.bot = MentorBot(settings, desk.store, lambda: desk.now, mail_by(settings))

    def send(self, *rows: str, header: str = HEADER, **order: Any) -> Report:
        text = "\n".join([header, *rows, ""])
        given: dict[str, Any] = {"roles": (Role.MENTEE,), "actor": OWNER} | order
        return import_applications(
            self.bot,
            Order(TEAM, "img", **given),
            io.BytesIO(text.encode()),
            Watch(lambda _table, _columns: None, lambda some, _read: self.rejected.extend(some)),
        )

    def found(self) -> dict[str | None, Application]:
        with self.desk.store.read(TEAM) as tx:
            return {it.email: it for it in tx.session.scalars(select(Application))}

    def states(self) -> dict[str | None, ApplicationState]:
        return {email: it.state for email, it in self.found().items()}

    def why(self) -> dict[int, list[str]]:
        return {it.line: [fault.key for fault in it.faults] for it in self.rejected}


At = Callable[..., Portal]


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[At]:
    """Opens a programme that takes applications from files."""
    with ExitStack() as stack:

        def opened(**rules: Any) -> Portal:
            file = programme_file(**{"through": ["import"], **rules})
            return Portal(stack.enter_context(desk_at(tmp_path, file)))

        yield opened


def row(name: str, *, at: str = "2025-01-03 09:00:00Z", degree: str = "PhD", year: int = 3) -> str:
    address = f"{name.lower()}@example.org"
    return f'{at},{address},{name},{degree},{year},"{GOALS}",x,Industry'


def everything(portal: Portal) -> list[Any]:
    """All that is kept of applications, and what was recorded of them."""
    with portal.desk.store.read(TEAM) as tx:
        kept = [vars(it) for it in tx.session.scalars(select(Application))]
        acts = [
            (it.action, it.subject)
            for it in tx.session.scalars(select(AuditEntry))
            if it.action != "applications.import"
        ]
    return [
        sorted(str({k: v for k, v in it.items() if k[0] != "_"}) for it in kept),
        sorted(acts),
    ]


@pytest.mark.parametrize(
    ("degree", "year", "state"),
    [
        ("PhD", 3, ApplicationState.IN_REVIEW),
        ("PhD", 2, ApplicationState.IN_REVIEW),
        ("PhD", 1, ApplicationState.DECLINED),
        ("Master's", 1, ApplicationState.IN_REVIEW),
    ],
)
def test_row_is_decided_as_the_same_answers_are_in_slack(
    portal: At, degree: str, year: int, state: ApplicationState
) -> None:
    it = portal(through=["slack", "import"])
    it.send(row("Zoe", degree=degree, year=year))
    imported = it.found()["zoe@example.org"]
    clicked = it.desk.apply("U0OTHER000", degree=degree, year=str(year))
    assert imported.state is clicked.state is state
    assert (imported.verdict, imported.reasons) == (clicked.verdict, clicked.reasons)
    assert (imported.decided_by, imported.version) == (clicked.decided_by, clicked.version)
    assert imported.answers == clicked.answers
    with it.desk.store.read(TEAM) as tx:
        acts = [
            [(act.action, act.details) for act in applications.history(tx, which.application_id)]
            for which in (imported, clicked)
        ]
    assert acts[0] == acts[1]


def test_applicant_keeps_the_time_at_which_they_applied(portal: At) -> None:
    it = portal()
    it.send(row("Zoe"))
    submitted_at = it.found()["zoe@example.org"].submitted_at
    assert submitted_at is not None
    assert timedelta(0) <= submitted_at - JANUARY_3 < timedelta(seconds=1)


def test_importing_twice_changes_nothing(portal: At) -> None:
    it = portal()
    rows = [row(name, year=year) for name, year in [("Zoe", 3), ("Omar", 1), ("Lina", 2)]]
    assert it.send(*rows).new == 3
    before = everything(it)
    it.desk.now += timedelta(days=1)
    again = it.send(*rows)
    assert (again.new, again.changed, again.same, again.rejected) == (0, 0, 3, 0)
    assert everything(it) == before


def test_import_that_was_killed_is_completed_by_running_it_again(
    portal: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = portal()
    monkeypatch.setattr(importing, "AT_ONCE", 2)
    rows = [row(f"Person{number}") for number in range(7)]

    def killed(_some: Sequence[Rejected], _read: int) -> None:
        if len(it.found()) == 4:
            raise KeyboardInterrupt

    text = io.BytesIO("\n".join([HEADER, *rows, ""]).encode())
    order = Order(TEAM, "img", (Role.MENTEE,), OWNER)
    with pytest.raises(KeyboardInterrupt):
        import_applications(it.bot, order, text, Watch(lambda *_: None, killed))
    assert len(it.found()) == 4
    found = it.send(*rows)
    assert (found.new, found.same) == (3, 4)
    assert len(it.found()) == 7


def test_changed_row_brings_an_undecided_application_up_to_date(portal: At) -> None:
    it = portal()
    it.send(row("Zoe", year=3))
    changed = it.send(row("Zoe", year=2))
    assert (changed.changed, changed.rejected) == (1, 0)
    found = it.found()["zoe@example.org"]
    assert (found.answers["year"], found.verdict) == (2, "near_miss")


def test_changed_row_of_a_decided_application_is_reported(portal: At) -> None:
    it = portal()
    it.send(row("Zoe"))
    found = it.found()["zoe@example.org"]
    it.desk.act(reviewing.decline, OWNER, found.application_id, found.version, "No places.")
    again = it.send(row("Zoe", year=4))
    assert (again.changed, it.why()) == (0, {2: ["imports.decided"]})
    assert it.found()["zoe@example.org"].answers["year"] == 3


def test_two_people_with_one_address_are_reported_in_one_file_and_in_two(portal: At) -> None:
    it = portal()
    it.send(row("Zoe"), row("Zoe").replace(",Zoe,", ",Omar,"))
    assert it.why() == {3: ["imports.same_address"]}
    it.rejected.clear()
    it.send(row("Zoe").replace(",Zoe,", ",Omar,"))
    assert it.why() == {2: ["imports.other_name"]}
    assert [found.name for found in it.found().values()] == ["Zoe"]


def test_who_applied_in_slack_keeps_their_own_answers(portal: At) -> None:
    it = portal(through=["slack", "import"])
    it.desk.apply("U0ZOE00000", email="zoe@example.org", confirmed="zoe@example.org")
    it.send(row("Zoe", year=5).replace(",Zoe,", ",,"))
    assert it.why() == {2: ["imports.applied_elsewhere"]}


def test_bad_rows_are_reported_and_good_ones_go_on(portal: At) -> None:
    it = portal()
    found = it.send(row("Zoe"), row("Omar", degree="Diploma"), 'broken,"row', row("Lina"))
    assert (found.new, found.rejected) == (2, 2)
    assert it.why() == {3: ["form.not_on_offer"], 4: ["imports.unclosed"]}


def test_row_sent_outside_the_window_is_reported(portal: At) -> None:
    it = portal(opens_on="2025-01-02", closes_on="2025-01-03")
    it.send(
        row("Early", at="2025-01-01 23:30:00Z"),
        row("Zoe"),
        row("Late", at="2025-01-04 00:30:00Z"),
    )
    assert it.why() == {2: ["imports.out_of_time"], 4: ["imports.out_of_time"]}


@pytest.mark.phrase("MICCAI-01")
def test_members_on_the_list_are_eligible_and_others_are_not(portal: At) -> None:
    it = portal(lists={"members": "Members"}, eligibility={"mentee": {"listed_in": "members"}})
    with it.desk.store.begin(TEAM) as tx:
        tx.add(ListedAddress(TEAM, "img", "members", "zoe@example.org"))
    it.send(row("Zoe"), row("Omar"))
    assert it.states() == {
        "zoe@example.org": ApplicationState.IN_REVIEW,
        "omar@example.org": ApplicationState.DECLINED,
    }


def test_places_go_to_those_who_applied_first_wherever_they_stand_in_the_file(
    portal: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", 1)
    it = portal(validation="none", selection={"mentee": {"mode": "first_come", "places": 2}})
    it.send(
        row("Third", at="2025-01-05 09:00:00Z"),
        row("First", at="2025-01-03 09:00:00Z"),
        row("Second", at="2025-01-04 09:00:00Z"),
    )
    assert it.states() == {
        "third@example.org": ApplicationState.WAITING_LIST,
        "first@example.org": ApplicationState.SELECTED,
        "second@example.org": ApplicationState.SELECTED,
    }


def test_trial_changes_nothing_and_says_what_would_happen(portal: At) -> None:
    it = portal()
    found = it.send(row("Zoe"), row("Omar", year=1), row("Bad", year=0), is_trial=True)
    assert (found.new, found.rejected) == (2, 1)
    assert dict(found.states) == {"in_review": 1, "declined": 1}
    assert it.found() == {}


def test_meaning_of_a_column_is_kept_for_the_next_import(portal: At) -> None:
    it = portal()
    header = HEADER.replace("Your degree", "Level of study")
    with pytest.raises(ImportRefused):
        it.send(row("Zoe"), header=header)
    it.send(row("Zoe"), header=header, meanings={"Level of study": "degree"})
    assert it.send(row("Omar"), header=header).new == 1
    with it.desk.store.read(TEAM) as tx:
        assert imports.meanings(tx, "img") == {"Level of study": "degree"}


def test_column_says_for_which_role_each_row_applies(portal: At) -> None:
    it = portal()
    header = (
        "Role,Email Address,Your field,How many mentees,Your degree,Your year,Your goals,"
        "I will take part in all of it"
    )
    found = it.send(
        "Mentor,amara@example.org,Medicine,2,,,,",
        f"Mentee,zoe@example.org,Medicine,,PhD,3,{GOALS},x",
        "Both,omar@example.org,Medicine,2,,,,",
        header=header,
        roles=BOTH,
    )
    assert (found.new, it.why()) == (2, {4: ["imports.no_role"]})
    with it.desk.store.read(TEAM) as tx:
        assert [row[1] for row in imports.counts(tx, "img")] == [Role.MENTEE, Role.MENTOR]


def test_import_is_in_the_audit_log_with_who_did_it(portal: At) -> None:
    it = portal()
    it.send(row("Zoe"), row("Omar", degree="Diploma"))
    with it.desk.store.read(TEAM) as tx:
        query = select(AuditEntry).where(AuditEntry.action == "applications.import")
        (entry,) = tx.session.scalars(query)
    assert (entry.actor, entry.subject) == (OWNER, "img")
    assert entry.details == {"new": 1, "changed": 0, "same": 0, "rejected": 1}


def test_programme_that_takes_no_files_refuses_them(portal: At) -> None:
    it = portal(through=["slack"])
    with pytest.raises(ImportRefused) as refused:
        it.send(row("Zoe"))
    assert refused.value.key == "imports.not_through"


def test_reviewer_finds_imported_applications_in_the_queue(portal: At) -> None:
    it = portal()
    it.send(row("Zoe"), row("Omar"))
    with it.desk.store.read(TEAM) as tx:
        assert applications.count_to_review(tx, Round("img", 1), OWNER) == 2
