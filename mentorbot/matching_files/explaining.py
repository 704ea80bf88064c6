"""Why a result is as it is: each pair, everybody without a mentor, the whole, and "why not?"."""

from collections.abc import Iterator
from dataclasses import asdict

from mentorbot.domain.errors import InvalidMatchingFile
from mentorbot.domain.matching.fairness import fairness
from mentorbot.domain.matching.preferences import Market
from mentorbot.domain.matching.problem import BadProblem, Pair, Problem
from mentorbot.domain.matching.scoring import CriteriaScores
from mentorbot.domain.matching.why import (
    Against,
    Help,
    against,
    alternatives,
    help_by_lists,
    help_by_score,
)
from mentorbot.matching_files.explanation_file import (
    ExplainedAbsence,
    ExplainedPair,
    Explanation,
    OtherMentor,
    ToldFairness,
)
from mentorbot.matching_files.instance import market_of, problem_of
from mentorbot.matching_files.result_file import ResultFile, Unmatched
from mentorbot.matching_files.solving import Progress, silent, solve


def explained(result: ResultFile) -> ResultFile:
    """A result with its explanation; alternatives and fairness only where there are scores."""
    problem = problem_of(result.problem)
    market = market_of(result.problem, problem)
    explanation = Explanation(
        pairs=tuple(_pairs(result, problem)),
        unmatched=tuple(_absence(result, problem, market, it) for it in result.unmatched),
        fairness=_fairness(result, problem) if result.problem.has_scores else None,
    )
    return result.model_copy(update={"explanation": explanation})


def _fairness(result: ResultFile, problem: Problem) -> ToldFairness:
    groups = {it.id: it.group for it in result.problem.mentees if it.group is not None}
    found = fairness(problem, [Pair(*it) for it in result.couples], groups)
    return ToldFairness.model_validate(asdict(found))


def _pairs(result: ResultFile, problem: Problem) -> Iterator[ExplainedPair]:
    scores = problem.scores if isinstance(problem.scores, CriteriaScores) else None
    others = alternatives(problem, result.couples) if result.problem.has_scores else {}
    for mentee, mentor in result.couples:
        row, column = problem.row_of[mentee], problem.column_of[mentor]
        yield ExplainedPair(
            mentee=mentee,
            mentor=mentor,
            components=scores.components(row, column) if scores else {},
            alternatives=tuple(
                OtherMentor(mentor=it.mentor_id, score=it.score, places_left=it.places_left)
                for it in others.get(mentee, ())
            ),
        )


def _absence(
    result: ResultFile, problem: Problem, market: Market, without: Unmatched
) -> ExplainedAbsence:
    last = result.parts[-1]
    if last.by == "score":
        found = help_by_score(problem, without.mentee, without.reason, last.closed)
    else:
        found = _by_lists(market, without)
    return ExplainedAbsence(
        mentee=without.mentee,
        remedy=found.remedy,
        mentors=found.mentor_ids,
        best_score=found.best_score,
    )


def _by_lists(market: Market, without: Unmatched) -> Help:
    small = [it for it in market.ceilings if market.floor(it) > 1]
    return help_by_lists(market, without.mentee, without.reason, small)


def with_pair(
    result: ResultFile, mentee: str, mentor: str, progress: Progress = silent
) -> ResultFile | Against:
    """The best matching in which two people are together, or why lists keep them apart.

    Raises InvalidMatchingFile where they cannot be: unknown, forbidden, or against a lock.
    """
    file = result.problem
    problem = problem_of(file)
    if mentee not in problem.row_of or mentor not in problem.column_of:
        raise InvalidMatchingFile([f"{mentee}:{mentor}: not people of this problem"])
    if file.mode == "two_sided":
        reason = against(market_of(file, problem), result.couples, mentee, mentor)
        return result if reason is None else reason
    if (mentee, mentor) in result.couples:
        return result
    forced = file.model_copy(update={"locks": (*file.locks, (mentee, mentor))})
    try:
        return solve(forced, progress)
    except BadProblem as error:
        codes = ", ".join(it.code for it in error.faults)
        raise InvalidMatchingFile([f"{mentee}:{mentor}: cannot be a pair ({codes})"]) from error
