"""`mentorbot programme` and `mentorbot lottery`: files checked, shown and replayed."""

import json
from datetime import date
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner, Result

from mentorbot.cli import app
from mentorbot.domain.programme import ProgrammeFile
from mentorbot.domain.programme_source import read_source
from mentorbot.domain.prudence import warnings
from mentorbot.domain.selection import Entrant, LotteryRules, commitment, draw
from mentorbot.programmes import preset, presets, source


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


def test_people_matched_before_their_results_are_a_warning() -> None:
    data = preset("mila").model_dump(mode="json")
    data["matching"]["on"] = "2023-01-23"
    file = ProgrammeFile.model_validate(data)
    assert [key for key, _values in warnings(file, date(2022, 1, 1))] == ["matched_before_results"]
    data["matching"]["on"] = "2022-12-31"
    file = ProgrammeFile.model_validate(data)
    keys = [key for key, _values in warnings(file, date(2022, 1, 1))]
    assert keys == ["matched_before_closing", "matched_before_results"]


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
    people = [Entrant(id=f"a{number}", is_member=number == 1) for number in range(6)]
    rules = LotteryRules(places=3, reserved=1)
    digest = commitment("mila", rules, "the 6/49 draw", people)
    published = {
        "programme": "mila",
        "rules": rules.model_dump(),
        "seed_source": "the 6/49 draw",
        "entrants": [it.model_dump() for it in people],
        "commitment": digest,
        "seed": "3.14",
        "selected": draw("mila", rules, "3.14", people).selected,
    }
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
