"""Solving a problem file, in the mode that it names."""

from collections import Counter
from collections.abc import Callable, Sequence

from mentorbot.domain.errors import InvalidMatchingFile
from mentorbot.domain.matching import best, ranked, two_sided
from mentorbot.domain.matching.flow import NoFlow
from mentorbot.domain.matching.leftovers import remaining
from mentorbot.domain.matching.preferences import ranks
from mentorbot.domain.matching.problem import BadProblem, Pair, Problem
from mentorbot.matching_files.instance import market_of, problem_of
from mentorbot.matching_files.problem_file import ProblemFile
from mentorbot.matching_files.proofs import (
    pairs_by_score,
    part_of_ballots,
    part_of_lists,
    part_of_scores,
    without_by_lists,
    without_by_score,
)
from mentorbot.matching_files.result_file import (
    MadePair,
    Part,
    ResultFile,
    Unmatched,
    assignment_of,
)

Progress = Callable[[str, int, int], None]
"""Told the measure, its number or round, and how many pairs could still improve it."""


def silent(_measure: str, _number: int, _left: int) -> None:
    """Tells nobody."""


def solve(file: ProblemFile, progress: Progress = silent) -> ResultFile:
    """The one best matching of a problem, by its mode.

    Raises InvalidMatchingFile where the locks and the least numbers cannot be kept to together.
    """
    problem = problem_of(file)
    modes = {"best": _best, "ranked": _ranked, "two_sided": _two_sided}
    try:
        return modes[file.mode](file, problem, progress)
    except (NoFlow, BadProblem) as error:
        groups = {it.id for it in file.mentors if it.floor > 1}
        locked = ", ".join(f"{a}:{b}" for a, b in file.locks if b in groups)
        raise InvalidMatchingFile(
            [
                "locks: some of these pairs need a group that cannot have its least number of"
                f" mentees; take one back, or lower that number: {locked}"
            ]
        ) from error


def _best(file: ProblemFile, problem: Problem, progress: Progress) -> ResultFile:
    matching = best.solve(problem, progress=progress)
    parts = [part_of_scores(problem, matching)]
    return _result(file, pairs_by_score(matching), without_by_score(matching, {}), parts)


def _ranked(file: ProblemFile, problem: Problem, progress: Progress) -> ResultFile:
    market = market_of(file, problem)
    found = ranked.solve(
        market, file.ranked_by, progress=lambda code, number: progress(code, number, 0)
    )
    made = [Pair(it.mentee, it.mentor) for it in found.pairs]
    pairs = [
        MadePair(
            mentee=it.mentee,
            mentor=it.mentor,
            by="lock" if it[:2] in market.locks else "choice",
            rank=it.rank or None,
            score=problem.score(pair) if file.has_scores else None,
        )
        for it, pair in zip(found.pairs, made, strict=True)
    ]
    part = part_of_ballots(found)
    if not file.has_scores:
        return _result(file, pairs, without_by_lists(market, made, is_mutual=False), [part])
    rest = best.solve(remaining(problem, made), progress=progress)
    has = Counter(it.mentee_id for it in made)
    parts = [part, part_of_scores(problem, rest)]
    return _result(file, [*pairs, *pairs_by_score(rest)], without_by_score(rest, has), parts)


def _two_sided(file: ProblemFile, problem: Problem, progress: Progress) -> ResultFile:
    market = market_of(file, problem)
    progress("lists", 1, 0)
    found = two_sided.solve(market)
    mine = {mentee: ranks(tiers) for mentee, tiers in market.choices.items()}
    theirs = {mentor: ranks(tiers) for mentor, tiers in market.answers.items()}
    pairs = [
        MadePair(
            mentee=mentee,
            mentor=mentor,
            by="lock" if (mentee, mentor) in market.locks else "choice",
            rank=mine[mentee].get(mentor),
            mentor_rank=theirs[mentor].get(mentee),
        )
        for mentee, mentor in found.pairs
    ]
    return _result(
        file, pairs, without_by_lists(market, found.pairs, is_mutual=True), [part_of_lists(found)]
    )


def _result(
    file: ProblemFile,
    pairs: Sequence[MadePair],
    unmatched: Sequence[Unmatched],
    parts: Sequence[Part],
) -> ResultFile:
    in_order = tuple(sorted(pairs, key=lambda it: (it.mentee, it.mentor)))
    return ResultFile(
        assignment=assignment_of((it.mentee, it.mentor) for it in in_order),
        pairs=in_order,
        unmatched=tuple(unmatched),
        parts=tuple(parts),
        problem=file,
    )
