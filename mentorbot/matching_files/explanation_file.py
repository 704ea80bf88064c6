"""Why a matching is as it is, as a part of its file: codes, ids and whole numbers."""

from pydantic import Field

from mentorbot.matching_files.parts import FilePart, Id


class OtherMentor(FilePart):
    """Somebody else whom a mentee could have had: the score, and the places that are left."""

    mentor: Id
    score: int
    places_left: int


class ExplainedPair(FilePart):
    """What each criterion adds to a pair's score, and who else there was, best first."""

    mentee: Id
    mentor: Id
    components: dict[str, int] = Field(default_factory=dict)
    alternatives: tuple[OtherMentor, ...] = ()


class ExplainedAbsence(FilePart):
    """What would get a mentee a mentor, with whom, and the best score that they have anywhere."""

    mentee: Id
    remedy: str
    mentors: tuple[Id, ...] = ()
    best_score: int | None = None


class ToldSpread(FilePart):
    """Scores: how many, their sum, the least, the quarters between, and the most."""

    pairs: int
    total: int
    least: int
    lower: int
    median: int
    upper: int
    most: int


class ToldGroup(FilePart):
    """A group's mentees, how many are matched, and their median score; small ones are left out."""

    people: int | None = None
    matched: int | None = None
    median: int | None = None


class ToldFairness(FilePart):
    """The scores, those that greed would have come to, envy, and groups."""

    scores: ToldSpread | None = None
    greedy: ToldSpread | None = None
    envious: int
    justly_envious: int
    groups: dict[str, ToldGroup] = Field(default_factory=dict)


class Explanation(FilePart):
    """Of each pair, of everybody without a mentor, and of the whole, where there are scores."""

    pairs: tuple[ExplainedPair, ...] = ()
    unmatched: tuple[ExplainedAbsence, ...] = ()
    fairness: ToldFairness | None = None
