"""Why a result is as it is: each pair, everybody without a mentor, the whole, and "why not?"."""

from dataclasses import asdict

from mentorbot.domain.errors import InvalidMatchingFile
from mentorbot.domain.matching.fairness import fairness
from mentorbot.domain.matching.preferences import Market
from mentorbot.domain.matching.problem import BadProblem, Pair, Problem
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
from mentorbot.matching_files.problem_file import ProblemFile
from mentorbot.matching_files.result_file import ResultFile, Unmatched
from mentorbot.matching_files.solving import Progress, silent, solve


def explained(result: ResultFile) -> ResultFile:
    """A result with its explanation; alternatives and fairness only where there are scores."""
    problem = problem_of(result.problem)
    market = market_of(result.problem, problem)
    pairs = [Pair(*it) for it in result.couples]
    told = None
    if result.problem.has_scores:
        groups = {it.id: it.group for it in result.problem.mentees if it.group is not None}
        told = ToldFairness.model_validate(asdict(fairness(problem, pairs, groups)))
    explanation = Explanation(
        pairs=tuple(_pair(result.problem, problem, pairs, it) for it in pairs),
        unmatched=tuple(_absence(result, problem, market, it) for it in result.unmatched),
        fairness=told,
    )
    return result.model_copy(update={"explanation": explanation})


def _pair(file: ProblemFile, problem: Problem, pairs: list[Pair], pair: Pair) -> ExplainedPair:
    others = alternatives(problem, pairs, pair.mentee_id) if file.has_scores else ()
    return ExplainedPair(
        mentee=pair.mentee_id,
        mentor=pair.mentor_id,
        alternatives=tuple(
            OtherMentor(mentor=it.mentor_id, score=it.score, places_left=it.places_left)
            for it in others
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
