"""Ballots of PrefLib: read as they are meant, and every mistake on its line."""

from pathlib import Path

import pytest

from mentorbot.domain.errors import InvalidMatchingFile
from mentorbot.matching_files.opening import open_problem

BALLOTS = """\
# FILE NAME: 00000-00000001.toi
# TITLE: First choices
# DATA TYPE: toi
# NUMBER ALTERNATIVES: 3
# NUMBER VOTERS: 4
# NUMBER UNIQUE ORDERS: 3
# ALTERNATIVE NAME 1: Ada Lovelace
# ALTERNATIVE NAME 2: Bo
# ALTERNATIVE NAME 3: Cem
2: 1,{2, 3}
1: 3
1: {1,2},3
"""
PLACES = "id,ceiling,floor\nAda Lovelace,2,1\nBo,1,\nCem,0,0\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "votes.toi").write_text(BALLOTS, encoding="utf-8")
    (tmp_path / "places.csv").write_text(PLACES, encoding="utf-8")
    return tmp_path


def test_each_voter_has_their_list_and_each_alternative_its_places(folder: Path) -> None:
    file = open_problem(folder / "votes.toi", folder / "places.csv", "generous")
    assert (file.mode, file.order) == ("ranked", "generous")
    assert [(it.id, it.tiers) for it in file.mentees] == [
        ("v1", (("Ada Lovelace",), ("Bo", "Cem"))),
        ("v2", (("Ada Lovelace",), ("Bo", "Cem"))),
        ("v3", (("Cem",),)),
        ("v4", (("Ada Lovelace", "Bo"), ("Cem",))),
    ]
    told = [(it.id, it.ceiling, it.floor) for it in file.mentors]
    assert told == [("Ada Lovelace", 2, 1), ("Bo", 1, 0), ("Cem", 0, 0)]


@pytest.mark.parametrize(
    ("name", "before", "after", "what"),
    [
        ("votes.toi", "1: 3\n", "1: 4\n", "line 11, column 1: votes.toi: '4' is the number of no"),
        ("votes.toi", "1: 3\n", "1: 3,3\n", "line 11, column 1: votes.toi: 3 is chosen more than"),
        ("votes.toi", "1: 3\n", "1: {3,1\n", "line 11, column 1: votes.toi: '{3,1' is no list"),
        ("votes.toi", "1: 3\n", "one: 3\n", "line 11, column 1: votes.toi: this is no ballot"),
        (
            "votes.toi",
            "1: 3\n",
            "999999999: 3\n",
            "line 11, column 1: votes.toi: more than 200,000",
        ),
        ("votes.toi", "VOTERS: 4", "VOTERS: 5", "NUMBER VOTERS is 5, but the file has 4"),
        ("votes.toi", "ORDERS: 3", "ORDERS: 9", "NUMBER UNIQUE ORDERS is 9, but the file has 3"),
        ("votes.toi", "3: Cem", "3: Bo", "line 9, column 1: votes.toi: alternative 3, 'Bo'"),
        ("votes.toi", "# ALTERNATIVE", "# OTHER", "no line such as # ALTERNATIVE NAME 1"),
        ("places.csv", "Bo,1,", "Bob,1,", "line 3, column 1: places.csv: 'Bob' is on no ballot"),
        ("places.csv", "Bo,1,", "Cem,1,", "line 4, column 1: places.csv: 'Cem' stands here twice"),
        ("places.csv", "Bo,1,", "Bo,many,", "line 3, column 1: places.csv: ceiling has to be"),
        ("places.csv", "Cem,0,0", "Cem,0,x", "line 4, column 1: places.csv: floor has to be"),
        ("places.csv", "Cem,0,0\n", "", "places.csv: nothing about 'Cem'"),
        ("places.csv", ",2,1", ",1,2", "line 2, column 1: places.csv, floor: the least number is"),
        ("places.csv", "floor", "flaw", "line 1, column 1: places.csv: unknown columns ['flaw']"),
        ("places.csv", "Bo,1,", "Bo,1,1,1", "line 3, column 1: places.csv: this is no row"),
        ("places.csv", PLACES, "", "places.csv: this is no table"),
    ],
)
def test_every_mistake_is_told_on_its_line(
    folder: Path, name: str, before: str, after: str, what: str
) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    (folder / name).write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(InvalidMatchingFile) as refused:
        open_problem(folder / "votes.toi", folder / "places.csv")
    assert any(what in it for it in refused.value.mistakes), refused.value.mistakes


def test_a_tie_in_a_file_of_strict_orders_is_refused(folder: Path) -> None:
    (folder / "votes.toi").rename(folder / "votes.soi")
    with pytest.raises(InvalidMatchingFile, match="braces stand for a tie"):
        open_problem(folder / "votes.soi", folder / "places.csv")


def test_what_goes_beside_a_file_is_asked_for_and_never_ignored(folder: Path) -> None:
    with pytest.raises(InvalidMatchingFile, match="need a table of places"):
        open_problem(folder / "votes.toi")
    (folder / "problem.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InvalidMatchingFile, match="nothing goes beside it"):
        open_problem(folder / "problem.json", folder / "places.csv")
