"""Tables are read whatever program wrote them, and a bad row costs nothing but itself."""

import csv
import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mentorbot.domain.errors import ImportRefused
from mentorbot.domain.table_files import MOST_CHARACTERS, Row, neutral, open_table

TEXT = "Name,E-mail\nZoë,zoe@example.org\nJosé,jose@example.org\n"
PEOPLE = [["Zoë", "zoe@example.org"], ["José", "jose@example.org"]]


def rows_of(text: str | bytes) -> list[Row]:
    content = text.encode() if isinstance(text, str) else text
    return list(open_table(io.BytesIO(content)).rows())


def refusal_of(content: bytes) -> str:
    with pytest.raises(ImportRefused) as refused:
        open_table(io.BytesIO(content))
    return refused.value.key


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_every_encoding_that_spreadsheets_write_is_read(encoding: str) -> None:
    assert [row.cells for row in rows_of(TEXT.encode(encoding))] == PEOPLE


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_delimiter_is_found(delimiter: str) -> None:
    table = TEXT.replace(",", delimiter)
    assert [row.cells for row in rows_of(table)] == PEOPLE


def test_commas_in_the_questions_do_not_hide_the_semicolons_between_them() -> None:
    table = "Your field, in short;Why, and why now?;E-mail\na;b;c@example.org\nd;e;f@example.org\n"
    opened = open_table(io.BytesIO(table.encode()))
    assert (opened.delimiter, len(opened.header)) == (";", 3)


def test_delimiter_that_the_file_names_is_taken() -> None:
    assert [row.cells for row in rows_of("sep=;\nName;E-mail\na;b\n")] == [["a", "b"]]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_every_way(ending: str) -> None:
    assert [row.line for row in rows_of(TEXT.replace("\n", ending))] == [2, 3]


def test_blank_lines_are_no_rows_but_count_as_lines() -> None:
    assert [row.line for row in rows_of("\na,b\n\n1,2\n   \n3,4\n")] == [4, 6]


def test_quoted_cell_may_hold_lines_delimiters_and_quotes() -> None:
    table = 'a,b\n"one\ntwo, ""three""",4\n5,6\n'
    assert [(it.line, it.cells) for it in rows_of(table)] == [
        (2, ['one\ntwo, "three"', "4"]),
        (4, ["5", "6"]),
    ]


def test_quote_that_is_never_closed_costs_its_own_line_alone() -> None:
    table = 'a,b\n1,2\n3,"4\n5,6\n7,8\n'
    assert [(it.line, it.fault) for it in rows_of(table)] == [
        (2, None),
        (3, "imports.unclosed"),
        (4, None),
        (5, None),
    ]


def test_two_unclosed_quotes_do_not_swallow_the_rows_between_them() -> None:
    table = 'a,b\n1,"2\n3,4\n5,6\n7,"8\n9,10\n'
    good = [it.cells for it in rows_of(table) if it.fault is None]
    assert good == [["3", "4"], ["5", "6"], ["9", "10"]]


def test_cell_of_ten_megabytes_costs_its_own_row_alone() -> None:
    table = f"a,b\n1,{'x' * 10_000_000}\n3,4\n"
    found = rows_of(table)
    assert [(it.line, it.fault) for it in found] == [(2, "imports.too_long"), (3, None)]
    assert len(found[0].cells[0]) == 100


def test_line_of_exactly_the_most_characters_is_read() -> None:
    table = f"a,b\n1,{'x' * (MOST_CHARACTERS - 3)}\n3,4"
    assert [it.fault for it in rows_of(table)] == [None, None]


def test_null_characters_cost_their_own_row_alone() -> None:
    table = "a,b\n1,2\x00\n3,4\n"
    assert [(it.line, it.fault) for it in rows_of(table)] == [
        (2, "imports.unreadable"),
        (3, None),
    ]


@pytest.mark.parametrize("row", ["1", "1,2,3"])
def test_row_with_too_few_or_too_many_cells_is_a_fault(row: str) -> None:
    assert [it.fault for it in rows_of(f"a,b\n{row}\n3,4\n")] == ["imports.misfit", None]


def test_empty_cells_at_the_end_of_a_row_do_not_count() -> None:
    assert [it.cells for it in rows_of("a,b\n1,2,,\n")] == [["1", "2"]]


@pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_empty_file_is_refused(content: bytes) -> None:
    assert refusal_of(content) == "imports.empty"


def test_workbook_is_refused() -> None:
    assert refusal_of(b"PK\x03\x04" + b"\0" * 100) == "imports.workbook"


def test_two_columns_of_one_name_are_refused() -> None:
    assert refusal_of(b"Name,Age,Name\n1,2,3\n") == "imports.twice"


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_whatever_make_it_fail(content: bytes) -> None:
    try:
        table = open_table(io.BytesIO(content))
    except ImportRefused:
        return
    for row in table.rows():
        assert row.fault or len(row.cells) == len(table.header)


cells = st.text(st.characters(codec="utf-8", exclude_characters="\x00\ufffd"), max_size=20)


@example([("\t", "", "")])
@settings(deadline=None)
@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=8))
def test_what_the_csv_module_writes_is_read_as_it_was(written: list[tuple[str, ...]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([("one", "two", "three"), *written])
    found = open_table(io.BytesIO(text.getvalue().encode()))
    assert found.header == ("one", "two", "three")
    read = [row.cells for row in found.rows()]
    assert [it for it in read if any(it)] == [list(it) for it in written if any(it)]


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_that_is_written_out_can_be_a_formula(begins: str) -> None:
    line = io.StringIO(newline="")
    csv.writer(line).writerow([neutral(f'{begins}HYPERLINK("http://x","y")'), neutral("plain")])
    first, second = next(csv.reader(io.StringIO(line.getvalue(), newline="")))
    assert first.startswith(f"'{begins}")
    assert second == "plain"
