"""What a problem file asks, in the shapes that the engine takes."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from mentorbot.domain.matching.preferences import Market, Pair
from mentorbot.domain.matching.problem import ArrayScores, Block, Problem, Scores
from mentorbot.domain.matching.scoring import CriteriaScores
from mentorbot.matching_files.criteria_file import answers_of, criterion_of
from mentorbot.matching_files.problem_file import Couple, ProblemFile


class NoScores:
    """Nothing is known of any pair, and nothing excluded."""

    def __init__(self, mentees: int, mentors: int) -> None:
        self.shape = (mentees, mentors)

    def rows(self, start: int, stop: int) -> Block:
        """Nothing but zeros."""
        rows = len(range(self.shape[0])[start:stop])
        return np.broadcast_to(np.int16(0), (rows, self.shape[1]))


def problem_of(file: ProblemFile) -> Problem:
    """The people, places, rules and scores of a file; raises BadProblem where they contradict."""
    return Problem.of(
        (it.id for it in file.mentees),
        (it.id for it in file.mentors),
        scores_of(file),
        ceilings={it.id: it.ceiling for it in file.mentors},
        floors={it.id: it.floor for it in file.mentors},
        wants={it.id: it.wants for it in file.mentees},
        waiting_class={it.id: it.waiting_class for it in file.mentees},
        locks=file.locks,
        forbidden=file.forbidden,
        draft=file.draft,
        least_acceptable=file.least_acceptable or 0,
        worst_first=file.worst_first is not False,
    )


def scores_of(file: ProblemFile) -> Scores:
    """The scores of a file, given or worked out, or none."""
    if file.criteria:
        return criteria_scores(file)
    if file.scores is None:
        return NoScores(len(file.mentees), len(file.mentors))
    return ArrayScores(np.array(file.scores, dtype=np.int64).reshape(len(file.mentees), -1))


def criteria_scores(file: ProblemFile) -> CriteriaScores:
    """The scores that a file's criteria and answers make."""
    return CriteriaScores(
        [criterion_of(it) for it in file.criteria],
        [answers_of(it.answers) for it in file.mentees],
        [answers_of(it.answers) for it in file.mentors],
    )


def market_of(file: ProblemFile, problem: Problem) -> Market:
    """The lists of a file; whoever may not meet by their score may not by their lists either."""
    market = Market(
        choices={it.id: it.tiers for it in file.mentees},
        ceilings={it.id: it.ceiling for it in file.mentors},
        answers={it.id: it.tiers for it in file.mentors},
        floors={it.id: it.floor for it in file.mentors},
        wants={it.id: it.wants for it in file.mentees},
        waiting_class={it.id: it.waiting_class for it in file.mentees},
        locks=_pairs(file.locks),
        forbidden=_pairs(file.forbidden),
        draft=_pairs(file.draft),
    )
    return replace(market, forbidden=market.forbidden | _excluded(market, problem))


def _pairs(couples: Iterable[Couple]) -> frozenset[Pair]:
    return frozenset((mentee, mentor) for mentee, mentor in couples)


def _excluded(market: Market, problem: Problem) -> frozenset[Pair]:
    """The chosen pairs that a hard rule of the scores excludes."""
    found = set()
    for row, mentee in enumerate(problem.mentee_ids):
        chosen = [it for tier in market.choices[mentee] for it in tier]
        if chosen:
            scores = problem.scores.rows(row, row + 1)[0]
            found |= {(mentee, it) for it in chosen if scores[problem.column_of[it]] < 0}
    return frozenset(found)
