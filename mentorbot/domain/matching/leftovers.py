"""Who is left after the ballots, and what is left for them: a problem for matching by score."""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace

import numpy as np

from mentorbot.domain.matching.problem import Pair, Problem


def remaining(problem: Problem, made: Collection[Pair]) -> Problem:
    """The problem that is left once some pairs are made.

    Locks are among those pairs. Who has a mentor wants one fewer. A mentor with mentees has their
    least number already; one without still takes none or as many as that.
    """
    of_mentees = Counter(pair.mentee_id for pair in made)
    of_mentors = Counter(pair.mentor_id for pair in made)
    has = np.array([of_mentees[it] for it in problem.mentee_ids], dtype=np.int64)
    taken = np.array([of_mentors[it] for it in problem.mentor_ids], dtype=np.int64)
    return replace(
        problem,
        wants=problem.wants - has,
        ceilings=problem.ceilings - taken,
        floors=np.where(taken > 0, 0, problem.floors),
        locks=frozenset(),
        forbidden=problem.forbidden | frozenset(made),
    )
