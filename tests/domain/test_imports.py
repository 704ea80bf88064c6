"""What the exports of forms say is understood, and what is wrong with a row is named."""

import io
from datetime import UTC, date, datetime
from typing import Any

import pytest

from mentorbot.domain.cells import day_of, moment_of, several
from mentorbot.domain.errors import ImportRefused
from mentorbot.domain.imports import (
    Applicant,
    Columns,
    Reader,
    Rejected,
    dates_begin_with_day,
    match,
)
from mentorbot.domain.model import Role
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.domain.table_files import Table, open_table
from tests.applications import FORM, programme_file

TOPICS: dict[str, Any] = {
    "id": "topics",
    "kind": "choices",
    "label": "Topics",
    "options": ["Exams", "Rotas, leave and pay", "Research"],
    "required": False,
    "roles": ["mentee"],
}
DEGREES = ["Master's", "PhD"]
MICROSOFT = (
    "ID;Start time;Completion time;Email;Name;Your degree;Your year;Your goals;"
    "I will take part in all of it;Your field;Topics;Which language?\n"
    "1;11/22/26 9:58:01;11/22/26 10:05:09;Zoe@Example.org;Zoë Ng;PhD;3;"
    'To become a medical science liaison.;Yes;industry;"Exams;Research;";French\n'
)
GOOGLE = (
    "Timestamp,Email Address,Your degree,Your year,Your goals,"
    "I will take part in all of it,Your field,Topics\n"
    "2026/11/22 10:05:09 AM GMT+1,zoe@example.org,PhD,3,To become a medical science liaison.,"
    'I will take part in all of it,Industry,"Exams, Rotas, leave and pay"\n'
)


def mentees_file() -> ProgrammeFile:
    return programme_file(form=[*FORM, TOPICS], through=["import"])


def opened(text: str) -> Table:
    return open_table(io.BytesIO(text.encode()))


def columns_of(text: str, *roles: Role, **given: str) -> Columns:
    return match(mentees_file(), roles or (Role.MENTEE,), opened(text).header, given)


def read(text: str, *roles: Role) -> list[Applicant | Rejected]:
    file, table, wanted = mentees_file(), opened(text), roles or (Role.MENTEE,)
    columns = match(file, wanted, table.header, {})
    day_first = dates_begin_with_day(table, columns, file, 100)
    reader = Reader(file, wanted, columns, day_first=day_first)
    return [reader.read(row) for row in table.rows()]


def test_export_of_microsoft_forms_is_read() -> None:
    (found,) = read(MICROSOFT)
    assert found == Applicant(
        line=2,
        role=Role.MENTEE,
        email="zoe@example.org",
        name="Zoë Ng",
        submitted_at=datetime(2026, 11, 22, 10, 5, 9, tzinfo=UTC),
        answers={
            "degree": "PhD",
            "year": 3,
            "goals": "To become a medical science liaison.",
            "committed": 1,
            "field": "Industry",
            "email": "zoe@example.org",
            "topics": ["Exams", "Research"],
        },
    )


def test_form_without_names_shows_its_word_for_it_in_place_of_addresses() -> None:
    (found,) = read(MICROSOFT.replace("Zoe@Example.org;Zoë Ng", "anonymous;anonymous"))
    assert isinstance(found, Rejected)
    assert found.faults[0].key == "imports.no_address"


def test_export_of_google_forms_is_read() -> None:
    (found,) = read(GOOGLE)
    assert isinstance(found, Applicant)
    assert found.submitted_at == datetime(2026, 11, 22, 9, 5, 9, tzinfo=UTC)
    assert found.answers["topics"] == ["Exams", "Rotas, leave and pay"]
    assert (found.email, found.answers["committed"]) == ("zoe@example.org", 1)


def test_shapes_are_told_by_their_own_columns() -> None:
    assert columns_of(MICROSOFT).shape == "Microsoft Forms"
    assert columns_of(GOOGLE).shape == "Google Forms"


def test_column_without_a_question_is_named_with_the_nearest() -> None:
    text = GOOGLE.replace("Topics", "Topic of mentoring")
    assert columns_of(text).unmatched == (("Topic of mentoring", None),)
    assert columns_of(GOOGLE.replace("Topics", "Topicks")).unmatched == (("Topicks", "Topics"),)


def test_column_means_what_it_is_said_to_mean() -> None:
    text = GOOGLE.replace("Your degree", "Level of study")
    columns = columns_of(text, **{"Level of study": "degree"})
    assert columns.questions["degree"] == 2
    assert columns.kept == {"Level of study": "degree"}


def test_column_may_be_said_to_mean_nothing() -> None:
    assert "topics" not in columns_of(GOOGLE, Topics="-").questions


@pytest.mark.parametrize(
    ("text", "given", "key"),
    [
        (GOOGLE.replace("Your goals", "Something else"), {}, "imports.no_column"),
        (GOOGLE.replace("Email Address", "Where"), {}, "imports.no_address_column"),
        ("one,two\n1,2\n", {}, "imports.no_header"),
        (GOOGLE, {"Nowhere": "degree"}, "imports.no_such_column"),
        (GOOGLE, {"Topics": "degre"}, "imports.no_such_question"),
        (GOOGLE, {"Topics": "degree"}, "imports.two_columns"),
    ],
)
def test_columns_that_cannot_be_are_refused(text: str, given: dict[str, str], key: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        columns_of(text, **given)
    assert refused.value.key == key


def test_both_roles_need_a_column_that_says_which() -> None:
    with pytest.raises(ImportRefused) as refused:
        columns_of(GOOGLE, Role.MENTEE, Role.MENTOR)
    assert refused.value.key == "imports.no_role_column"


def test_row_says_for_which_role_it_applies() -> None:
    table = (
        "Role,E-mail,Your degree,Your year,Your goals,I will take part in all of it,Your field,"
        "How many mentees\n"
        "I want to be a mentor,a@example.org,,,,,Medicine,2\n"
        "Mentee,b@example.org,PhD,3,To become a medical science liaison.,x,Medicine,\n"
        "perhaps both,c@example.org,,,,,Medicine,2\n"
    )
    mentor, mentee, neither = read(table, Role.MENTOR, Role.MENTEE)
    assert isinstance(mentor, Applicant)
    assert isinstance(mentee, Applicant)
    assert isinstance(neither, Rejected)
    assert (mentor.role, mentee.role) == (Role.MENTOR, Role.MENTEE)
    assert mentor.answers == {"field": "Medicine", "capacity": 2}
    assert neither.faults[0].key == "imports.no_role"


def test_every_fault_of_a_row_is_named_by_its_question() -> None:
    row = GOOGLE.replace("PhD", "Diploma").replace("To become a medical science liaison.", "Short")
    (found,) = read(row)
    assert isinstance(found, Rejected)
    assert {it.label: it.key for it in found.faults} == {
        "Your degree": "form.not_on_offer",
        "Your goals": "form.too_short",
    }
    assert found.line == 2


@pytest.mark.parametrize("address", ["", "nobody", "a@b", "x@example.org\r\nBcc: y@example.org"])
def test_row_without_an_address_that_can_be_right_is_rejected(address: str) -> None:
    (found,) = read(GOOGLE.replace("zoe@example.org", f'"{address}"'))
    assert isinstance(found, Rejected)
    assert found.faults[0].key == "imports.no_address"


def test_formula_in_a_cell_is_kept_as_text() -> None:
    goals = '=HYPERLINK(""http://x"",""A good goal"")'
    (found,) = read(GOOGLE.replace("To become a medical science liaison.", f'"{goals}"'))
    assert isinstance(found, Applicant)
    assert found.answers["goals"] == '=HYPERLINK("http://x","A good goal")'


def test_sensitive_answers_are_neither_read_nor_repeated() -> None:
    asked = {
        "id": "group",
        "kind": "choice",
        "label": "Your group",
        "options": ["One", "Another"],
        "required": False,
        "sensitive": True,
        "purpose": "To see whether the programme reaches everybody.",
        "keep_for": "cycle",
        "roles": ["mentee"],
    }
    file = programme_file(form=[*FORM, asked], through=["import"])
    header, _, row = GOOGLE.partition("\n")
    table = opened(f"{header},Your group\n{row.rstrip()},Secret\n{row.rstrip()},Secret,more\n")
    columns = match(file, (Role.MENTEE,), table.header, {})
    reader = Reader(file, (Role.MENTEE,), columns, day_first=False)
    rows = list(table.rows())
    good, bad = reader.read(rows[0]), reader.read(rows[1])
    assert isinstance(good, Applicant)
    assert isinstance(bad, Rejected)
    assert "Secret" not in f"{good} {bad} {reader.rejected(rows[0], [])}"
    assert columns.sensitive == {8}
    for meant in ("group", "Your group"):
        with pytest.raises(ImportRefused) as refused:
            match(file, (Role.MENTEE,), [*table.header[:-1], "Group?"], {"Group?": meant})
        assert refused.value.key == "imports.no_such_question"


@pytest.mark.parametrize(
    ("text", "day_first", "expected"),
    [
        ("2026-01-31", False, date(2026, 1, 31)),
        ("1/31/2026", False, date(2026, 1, 31)),
        ("3/4/26", False, date(2026, 3, 4)),
        ("3/4/26", True, date(2026, 4, 3)),
        ("31.1.2026", True, date(2026, 1, 31)),
        ("31/1/2026", False, None),
        ("30/2/2026", True, None),
        ("soon", True, None),
    ],
)
def test_dates_are_read_as_their_file_writes_them(
    text: str, day_first: bool, expected: date | None
) -> None:
    assert day_of(text, day_first) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22T10:05:09Z", "2026-11-22T10:05:09+00:00"),
        ("2026/11/22 1:05:09 PM GMT+5:30", "2026-11-22T13:05:09+05:30"),
        ("11/22/2026 12:05 am", "2026-11-22T00:05:00"),
        ("2026-11-22 10:05:09.123", "2026-11-22T10:05:09"),
        ("2026-11-22 25:05", None),
        ("", None),
    ],
)
def test_instants_are_read_with_their_zone(text: str, expected: str | None) -> None:
    found = moment_of(text, day_first=False)
    assert (found and found.isoformat()) == expected


@pytest.mark.parametrize(("date_", "day_first"), [("22/11/2026", True), ("11/22/2026", False)])
def test_order_of_day_and_month_is_seen_from_the_rows(date_: str, day_first: bool) -> None:
    text = GOOGLE.replace("2026/11/22 10:05:09 AM GMT+1", f"{date_} 10:05:09")
    (found,) = read(text)
    assert isinstance(found, Applicant)
    assert found.submitted_at == datetime(2026, 11, 22, 10, 5, 9, tzinfo=UTC)


def test_option_that_is_not_on_offer_stays_to_be_named() -> None:
    options = {"exams": "Exams", "rotas, leave and pay": "Rotas, leave and pay"}
    assert several("Tea, EXAMS, Rotas, leave and pay", options) == [
        "Tea",
        "Exams",
        "Rotas, leave and pay",
    ]
