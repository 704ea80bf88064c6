"""`mentorbot programme` and `mentorbot lottery`: files checked, shown and replayed."""

import json
from datetime import date
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner, Result

from mentorbot.cli import app
from mentorbot.domain.admission import FirstCome
from mentorbot.domain.model import Role
from mentorbot.domain.programme import ProgrammeFile, read_programme
from mentorbot.domain.programme_source import read_source
from mentorbot.domain.prudence import warnings
from mentorbot.domain.selection import LotteryRules
from mentorbot.programmes import preset, presets, source
from mentorbot.programmes.beginning import Answers, Repeats, id_of, text_of
from tests.lottery import drawn_file


def run(*words: str) -> Result:
    """One command."""
    return CliRunner().invoke(app, list(words))


@pytest.mark.parametrize("name", presets())
def test_every_preset_is_checked_clean_and_warned_of_for_its_dates_alone(name: str) -> None:
    checked = run("programme", "check", name)
    assert checked.exit_code == 0
    *unwise, said = checked.stdout.splitlines()
    assert said == f"{preset(name).name} can be run."
    assert len(unwise) == len(list(warnings(preset(name), date(2026, 11, 22))))
    assert list(warnings(preset(name), date(2022, 1, 1))) == []


def test_dates_that_lie_behind_are_said_to_be_over() -> None:
    checked = run("programme", "check", "ims")
    assert "unwise: the applications closed on 23 January 2025: nobody" in checked.stdout
    assert "unwise: people were matched on 21 February 2025" in checked.stdout
    assert "unwise: the cycle ended on 30 June 2025" in checked.stdout


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2023-01-23", ["matched_before_results", "ballot_too_long"]),
        ("2022-12-31", ["matched_before_closing", "matched_before_results", "ballot_too_long"]),
    ],
)
def test_people_matched_before_their_results_are_a_warning(on: str, expected: list[str]) -> None:
    data = preset("mila").model_dump(mode="json")
    data["matching"]["on"] = on
    file = ProgrammeFile.model_validate(data)
    assert [key for key, _values in warnings(file, date(2022, 1, 1))] == expected


def test_shown_preset_is_a_file_to_begin_from(tmp_path: Path) -> None:
    shown = run("programme", "show", "img")
    assert shown.stdout == source("img")
    mine = tmp_path / "mine.yml"
    mine.write_text(shown.stdout, encoding="utf-8")
    assert run("programme", "check", str(mine)).exit_code == 0


def test_mistakes_are_named_with_line_column_and_the_nearest_word(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yml"
    mine.write_text(source("img").replace("time_zone:", "time_zoen:"), encoding="utf-8")
    refused = run("programme", "check", str(mine))
    assert refused.exit_code == 2
    line = source("img").splitlines().index("time_zone: Europe/London") + 1
    expected = (
        f"line {line}, column 1: time_zoen: unknown word 'time_zoen'; did you mean 'time_zone'?"
    )
    assert expected in refused.stderr
    assert "time_zone: missing" in refused.stderr


def test_what_is_legal_but_unwise_is_said(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yml"
    late = source("img").replace("first_day: 4", "first_day: 15")
    mine.write_text(late, encoding="utf-8")
    checked = run("programme", "check", str(mine))
    assert checked.exit_code == 0
    assert "unwise: the first check-in comes after 15 days" in checked.stdout


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "This is empty"),
        (b"\xff\xfe\x00", "is not text in UTF-8"),
        (b"a: 1\n" * 300_000, "too long"),
        (b"id: [", "not YAML"),
        (b"a: &x 1\nb: *x", "aliases"),
        (b"when: 2023-02-29", "2023-02-29 is no date"),
    ],
)
def test_nonsense_is_refused_in_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    mine = tmp_path / "mine.yml"
    mine.write_bytes(content)
    refused = run("programme", "check", str(mine))
    assert refused.exit_code == 2
    assert said in refused.stderr
    assert "Traceback" not in refused.output


def test_file_that_is_not_there_and_unknown_preset_are_told_apart(tmp_path: Path) -> None:
    assert "cannot be read" in run("programme", "check", str(tmp_path / "none.yml")).stderr
    assert "There is no preset 'imgg'; known: " in run("programme", "check", "imgg").stderr


def test_schema_for_editors_takes_the_presets_and_refuses_a_typo() -> None:
    schema = json.loads(run("programme", "schema").stdout)
    validator = Draft202012Validator(schema)
    for name in presets():
        data = json.loads(json.dumps(read_source(source(name)).data, default=str))
        assert not list(validator.iter_errors(data))
        assert list(validator.iter_errors(data | {"time_zoen": "Europe/London"}))


def test_published_draw_is_replayed_and_a_changed_one_found_out(tmp_path: Path) -> None:
    rules = LotteryRules(places=3, reserved=1)
    true = drawn_file(rules, [(number == 1, True) for number in range(6)])
    published, digest = true.model_dump(mode="json"), true.commitment
    file = tmp_path / "draw.json"
    file.write_text(json.dumps(published), encoding="utf-8")
    held = run("lottery", "verify", str(file), "--commitment", digest)
    assert held.exit_code == 0
    assert held.stdout.startswith("The draw holds: 6 applicants, 0 withdrawn, 3 places")
    assert run("lottery", "verify", str(file)).stdout.rstrip().endswith(digest)
    other = run("lottery", "verify", str(file), "--commitment", "0" * 64)
    assert other.exit_code == 1
    assert "not the one that was published before" in other.stderr
    file.write_text(json.dumps(published | {"seed": "3.15"}), encoding="utf-8")
    assert run("lottery", "verify", str(file)).exit_code == 1


def test_what_is_no_draw_is_refused_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "draw.json"
    file.write_text("{}", encoding="utf-8")
    refused = run("lottery", "verify", str(file))
    assert refused.exit_code == 2
    assert "is not a published draw" in refused.stderr
    assert "cannot be read" in run("lottery", "verify", str(tmp_path / "none.json")).stderr


ANSWERS = [
    "Friends of Leeds",
    "n",
    "n",
    "",
    "New nurses meet those who know the wards.",
    "Europe/Leeds",
    "Europe/London",
    "Amara Okafor",
    "",
    "Shifts, Exams",
    "",
    "6",
    "2",
]


def begin(path: Path, answers: list[str]) -> Result:
    """`programme new`, with these answers typed."""
    typed = "".join(f"{line}\n" for line in answers)
    return CliRunner().invoke(app, ["programme", "new", str(path)], input=typed)


def test_new_file_is_asked_for_written_and_can_be_run(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yml"
    begun = begin(mine, ANSWERS)
    assert begun.exit_code == 0, begun.output
    assert "did you mean Europe/London?" in begun.output
    file = read_programme(mine.read_text(encoding="utf-8"))
    assert (file.id, file.name, file.cycle.weeks) == ("friends_of_leeds", "Friends of Leeds", 6)
    assert file.application is None
    assert run("programme", "check", str(mine)).exit_code == 0


def test_new_file_can_say_how_people_apply_and_when_they_are_matched(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yml"
    answers = [*ANSWERS]
    answers[1:3] = ["y", "y"]
    answers[10:10] = ["2027-01-31", "12", "31 January", "2027-02-08"]
    answers[14] = "evergreen"
    begun = begin(mine, answers)
    assert begun.exit_code == 0, begun.output
    file = read_programme(mine.read_text(encoding="utf-8"))
    assert file.application is not None
    assert file.application.closes_on == date(2027, 1, 31)
    assert file.application.selection_of(Role.MENTEE) == FirstCome(mode="first_come", places=12)
    assert (file.matching.on, file.matching.late) == (date(2027, 2, 8), "instant")
    assert file.cycle.is_evergreen


@pytest.mark.parametrize("weeks", [2, 3, 8, 9, 104])
@pytest.mark.parametrize("repeats", ["repeating", "once", "evergreen"])
def test_every_length_makes_a_file_that_can_be_run(weeks: int, repeats: Repeats) -> None:
    answers = Answers(
        id="mine",
        name='Quotes " and: colons # too',
        purpose="- a list? {no}",
        time_zone="Europe/London",
        contact="O'Brien & sons",
        title="&anchor *alias",
        topics=("Yes", "No"),
        weeks=weeks,
        repeats=repeats,
        most_mentees=1,
    )
    file = read_programme(text_of(answers))
    assert (file.name, file.purpose) == (answers.name, answers.purpose)
    assert (file.contacts[0].name, file.contacts[0].title) == (answers.contact, answers.title)


def test_new_file_never_takes_the_place_of_another(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yml"
    mine.write_text("precious", encoding="utf-8")
    refused = begin(mine, ANSWERS)
    assert refused.exit_code == 2
    assert "is there already" in refused.stderr
    assert mine.read_text(encoding="utf-8") == "precious"


def test_stopping_half_way_leaves_nothing(tmp_path: Path) -> None:
    stopped = begin(tmp_path / "mine.yml", ANSWERS[:7])
    assert stopped.exit_code == 1
    assert list(tmp_path.iterdir()) == []
    nowhere = begin(tmp_path / "none" / "mine.yml", ANSWERS)
    assert nowhere.exit_code == 2
    assert "cannot be written: No such file or directory." in nowhere.stderr


@pytest.mark.parametrize(
    ("name", "suggested"), [("Ünï 2", "n_2"), ("2nd Go!", "nd_go"), ("東京", "mine")]
)
def test_id_is_suggested_from_the_name(name: str, suggested: str) -> None:
    assert id_of(name) == suggested


def test_what_a_change_does_is_told_between_two_files(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yml"
    mine.write_text(source("img").replace("days: 28", "days: 35"), encoding="utf-8")
    told = run("programme", "diff", "img", str(mine))
    assert told.exit_code == 0
    assert told.stdout == "The next cycle has the new length and dates.\n"
    assert run("programme", "diff", "img", "img").stdout == "Nothing changes.\n"
    other = run("programme", "diff", "img", "ims")
    assert other.exit_code == 1
    assert "refused: This file has the id ims" in other.stdout
    assert run("programme", "diff", "img").exit_code == 2


def test_what_a_change_does_is_told_for_what_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    where = ("--workspace", "T0123456789")
    who = ("--channel", "C0123456789", "--coordinator", "U0123456789")
    assert run("programme", "install", "img", *where, *who).exit_code == 0
    mine = tmp_path / "mine.yml"
    mine.write_text(source("img").replace("version: 1", "version: 2", 1), encoding="utf-8")
    told = run("programme", "diff", str(mine), *where)
    assert "0 mentors are asked to agree to the new guidelines" in told.stdout
    assert run("programme", "diff", "img", *where).stdout == "Nothing changes.\n"
    elsewhere = run("programme", "diff", "img", "--workspace", "T0000000000")
    assert elsewhere.exit_code == 2
    assert "No mentorship programme runs here yet." in elsewhere.stderr


def test_reference_is_the_one_in_the_docs() -> None:
    page = Path(__file__).parents[1] / "docs" / "programme-file.md"
    assert run("programme", "reference").stdout == page.read_text(encoding="utf-8"), (
        "make reference"
    )


def test_reference_explains_every_word_of_the_file() -> None:
    page = run("programme", "reference").stdout
    for name in ("application", "near", "reserved_order", "keep_for", "evergreen", "then"):
        assert f"`{name}`" in page
    assert "| `weeks` | whole number from 2 to 104 | no |" in page
    assert "| `points` | list of text, at most 2,500 characters, at most 12 | yes |" in page
