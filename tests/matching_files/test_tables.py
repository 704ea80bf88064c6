"""Two tables make a problem: every kind of criterion, and every mistake on its line."""

from pathlib import Path

import pytest

from mentorbot.domain.errors import InvalidMatchingFile
from mentorbot.matching_files.explaining import explained
from mentorbot.matching_files.opening import open_problem
from mentorbot.matching_files.solving import solve

PEOPLE = """\
id;role;ceiling;wants;topics;years;city;free;level;about;group
ana;mentee;;1;care|law;3;Lyon;Europe/Paris: mon 18:00-20:00;junior;I like statistics;first
bo;mentee;;;law;10;Oslo;Europe/Oslo: tue 08:00-09:00;senior;Surgery it is;
max;mentor;2;;law|care|art;5;Paris;Europe/London: mon 17:00-18:00;senior;Statistics of surgery;
noa;mentor;1;;art;10;Oslo;Europe/Oslo: tue 08:00-10:00;junior;Poetry;
""".replace(";", "\t").replace("|", "; ")
CRITERIA = """\
id,kind,weight,question,must,most,within,wider,enough_minutes,on,levels
themes,shared,300,topics,,2,,,,,
age,near,100,years,,,10,,,,
where,region,100,city,,,,Lyon=France; Paris=France,,,
time,hours,200,free,,,,,120,2026-11-30,
up,level,100,level,yes,,,,,,junior; senior
words,text,200,about,,,,,,,
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    (tmp_path / "criteria.csv").write_text(CRITERIA, encoding="utf-8")
    return tmp_path


def test_every_kind_of_criterion_is_scored_and_told(folder: Path) -> None:
    file = open_problem(folder / "people.csv", folder / "criteria.csv")
    result = explained(solve(file))
    assert result.couples == (("ana", "max"), ("bo", "max"))
    assert result.explanation is not None
    ana, bo = result.explanation.pairs
    assert ana.components["themes"] == 300
    assert (ana.components["age"], bo.components["age"]) == (80, 50)
    assert (ana.components["where"], bo.components["where"]) == (50, 0)
    assert ana.components["time"] == 100
    assert ana.components["up"] == bo.components["up"] == 100
    assert 0 < ana.components["words"] < 200
    for pair, told in zip(result.pairs, result.explanation.pairs, strict=True):
        assert pair.score == sum(told.components.values())
    assert [it.mentor for it in ana.alternatives] == ["noa"]
    assert bo.alternatives == ()


def test_choices_of_mentees_make_it_ranked_and_of_mentors_two_sided(folder: Path) -> None:
    people = folder / "people.csv"
    people.write_text("id,role,choices\nana,mentee,max; noa = ole\nmax,mentor,\nnoa,mentor,\n")
    with pytest.raises(InvalidMatchingFile, match=r"line 2, column 1: people.csv, choices: 'ole'"):
        open_problem(people)
    people.write_text(people.read_text() + "ole,mentor,\n")
    assert open_problem(people).mentees[0].tiers == (("max",), ("noa", "ole"))
    assert open_problem(people, order="generous").order == "generous"
    people.write_text(people.read_text().replace("max,mentor,", "max,mentor,ana"))
    assert open_problem(people).mode == "two_sided"


@pytest.mark.parametrize(
    ("name", "before", "after", "what"),
    [
        ("people.csv", "\tmentee\t\t1", "\tmentees\t\t1", "line 2, column 1: people.csv: role is"),
        (
            "people.csv",
            "\t\t1\t",
            "\t3\t1\t",
            "line 2, column 1: people.csv, ceiling: unknown word",
        ),
        ("people.csv", "\t\t1\t", "\t\tone\t", "line 2, column 1: people.csv, wants: found 'one'"),
        ("people.csv", "bo\t", "ana\t", "line 3, column 1: people.csv, id: 'ana' stands 2 times"),
        ("people.csv", "\t10\tOslo", "\tten\tOslo", "line 3, column 1: people.csv, years: this"),
        (
            "people.csv",
            "mon 18:00",
            "mon 18.00",
            "line 2, column 1: people.csv, free: 'mon",
        ),
        ("people.csv", "Europe/Paris", "Paris", "free: 'Paris' is no time zone such as"),
        ("people.csv", "mon 18:00-20:00", "mon 20:00-18:00", "is no time such as mon 18:00-20:00"),
        ("people.csv", "\tjunior\tI", "\tlow\tI", "level: this is none of the levels: junior, sen"),
        (
            "people.csv",
            "\tabout\t",
            "\tnotes\t",
            "no criterion compares the mentees' answers to it",
        ),
        (
            "people.csv",
            "\tabout\t",
            "\tnotes\t",
            "line 7, column 1: criteria.csv, question: none of",
        ),
        (
            "people.csv",
            "max\tmentor",
            "max\tmentor\tx\ty",
            "line 4, column 1: people.csv: this is no",
        ),
        ("criteria.csv", "age,near", "age,nearly", "line 3, column 1: criteria.csv, kind: found"),
        ("criteria.csv", "age,near", "themes,near", "line 3, column 1: criteria.csv, id: 'themes'"),
        (
            "criteria.csv",
            "age,near,100",
            "age,near,0",
            "line 3, column 1: criteria.csv, weight: co",
        ),
        (
            "criteria.csv",
            "age,near,100",
            "age,near,-1",
            "weight: found -1; Input should be greater",
        ),
        ("criteria.csv", ",,,10,", ",,,,", "line 3, column 1: criteria.csv, within: missing"),
        (
            "criteria.csv",
            "topics,,2",
            "topics,,many",
            "line 2, column 1: criteria.csv, most: found",
        ),
        ("criteria.csv", "level,yes", "level,maybe", "line 6, column 1: criteria.csv, must: found"),
        ("criteria.csv", "2026-11-30", "November", "line 5, column 1: criteria.csv, on: found"),
        (
            "criteria.csv",
            "weight",
            "wieght",
            "line 2, column 1: criteria.csv, wieght: unknown word",
        ),
        ("criteria.csv", CRITERIA, "", "criteria.csv: this is no table with a header"),
    ],
)
def test_every_mistake_is_told_on_its_line(
    folder: Path, name: str, before: str, after: str, what: str
) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert before in text
    (folder / name).write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(InvalidMatchingFile) as refused:
        open_problem(folder / "people.csv", folder / "criteria.csv")
    assert any(what in it for it in refused.value.mistakes), refused.value.mistakes
