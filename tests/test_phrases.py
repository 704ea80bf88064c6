"""The phrases: known without their source, counted by what passes, and never claimed wrongly."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import phrases

ROOT = Path(__file__).parents[1]
SOURCE = ROOT.parent / "shared" / "PHRASES.md"
ROW = re.compile(r"^\| ([A-Z]+-\d\d) \| (.+?) \| .+ \|$", re.MULTILINE)
STORY = '''"""A story."""

import pytest


@pytest.mark.phrase("IMG-04", "IMS-01")
def test_it_holds() -> None:
    assert {holds}


@pytest.mark.phrase({also})
def test_it_holds_too() -> None:
    assert True


def test_it_names_nothing() -> None:
    raise AssertionError("only marked tests are run")
'''


def played(folder: Path, *, holds: bool = True, also: str = "IMG-04") -> tuple[int, str]:
    """Run a story of one's own; the exit code and what was printed."""
    story = folder / "test_story.py"
    story.write_text(STORY.format(holds=holds, also=repr(also)), encoding="utf-8")
    command = [sys.executable, "-m", "tests.phrases", str(story)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_phrases_are_those_of_the_pages() -> None:
    if not SOURCE.exists():
        pytest.skip("needs ../shared/PHRASES.md, which numbers the promises")
    written = dict(ROW.findall(SOURCE.read_text(encoding="utf-8")))
    known = {name: words for page in phrases.programmes() for name, words in page.phrases.items()}
    assert known == written


def test_there_are_ninety_one_phrases_of_five_programmes() -> None:
    assert len(phrases.known_ids()) == 91
    assert len(phrases.programmes()) == 5


def test_passing_stories_are_counted_and_named(tmp_path: Path) -> None:
    code, said = played(tmp_path)
    assert code == 0
    assert said.splitlines()[-1] == "2 of 91"
    assert re.search(r"✓ IMG-04 .*\n.*test_it_holds and 1 more\n", said)
    assert re.search(r"– IMG-05 ", said)


def test_failing_story_proves_nothing_and_fails_the_run(tmp_path: Path) -> None:
    code, said = played(tmp_path, holds=False)
    assert code == 1
    assert "FAILED" in said
    assert said.splitlines()[-1] == "0 of 91"


def test_story_that_names_an_unknown_phrase_fails_the_run(tmp_path: Path) -> None:
    code, said = played(tmp_path, also="IMG-99")
    assert code == 1
    assert "IMG-99, which no page promises" in said
