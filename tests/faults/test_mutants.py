"""The mutants find what they take away and are caught, and it is said when one is not."""

import pytest

from tests.faults.mutants import MUTANTS, Change, Mutant, NotTried, copied, is_caught, main

QUICK = ("tests/domain/test_pauses.py",)
BY_NAME = {mutant.name: mutant for mutant in MUTANTS}


def test_every_mutant_finds_what_it_takes_away_just_once() -> None:
    for mutant in MUTANTS:
        with copied() as tree:
            for change in mutant.changes:
                change.make(tree)


@pytest.mark.parametrize("name", ["no intent commit", "no event key"])
def test_bot_without_its_precaution_is_caught(name: str) -> None:
    assert is_caught(BY_NAME[name])


def change(words: str, instead: str) -> Mutant:
    """A mutant in the reading of pauses."""
    return Mutant("tried", (Change("mentorbot/domain/pauses.py", words, instead),), QUICK)


def test_mutant_that_harms_nothing_is_said_to_survive(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([change('"""How long', '"""For how long')]) == 1
    assert "SURVIVES" in capsys.readouterr().out


def test_mutant_that_cannot_be_imported_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([change("MOST_WEEKS = 26", "MOST_WEEKS = ")]) == 2
    assert "pytest ended with" in capsys.readouterr().err


@pytest.mark.parametrize("words", ["no such words", "day"])
def test_mutant_whose_words_do_not_stand_there_once_is_not_tried(words: str) -> None:
    with pytest.raises(NotTried, match=f"times: '{words}'"):
        is_caught(change(words, ""))
