"""The fairness report: each number against its definition, and nothing of small groups."""

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mentorbot.domain.matching.fairness import GroupLine, Spread, fairness, greedy, spread
from mentorbot.domain.matching.preferences import digest
from mentorbot.domain.matching.problem import ArrayScores, Pair, Problem


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    mentees = [f"a{it}" for it in range(draw(st.integers(1, 5)))]
    mentors = [f"m{it}" for it in range(draw(st.integers(1, 4)))]
    row = st.lists(st.integers(-1, 4), min_size=len(mentors), max_size=len(mentors))
    scores = draw(st.lists(row, min_size=len(mentees), max_size=len(mentees)))
    pairs = st.tuples(st.sampled_from(mentees), st.sampled_from(mentors))
    return Problem.of(
        mentees,
        mentors,
        ArrayScores(np.array(scores)),
        ceilings={it: draw(st.integers(0, 2)) for it in mentors},
        wants={it: draw(st.integers(0, 2)) for it in mentees},
        forbidden=draw(st.frozensets(pairs, max_size=2)),
        least_acceptable=draw(st.integers(0, 2)),
    )


def may_be(problem: Problem, pair: Pair) -> bool:
    return pair not in problem.forbidden and problem.score(pair) >= problem.least_acceptable


@settings(deadline=None, max_examples=60)
@given(problems())
def test_greedy_takes_the_best_pair_that_is_left(problem: Problem) -> None:
    room = dict(zip(problem.mentor_ids, problem.ceilings.tolist(), strict=True))
    wants = dict(zip(problem.mentee_ids, problem.wants.tolist(), strict=True))
    expected = []
    every = [Pair(*it) for it in product(problem.mentee_ids, problem.mentor_ids)]
    for pair in sorted(every, key=lambda it: (-problem.score(it), digest(*it))):
        if may_be(problem, pair) and room[pair.mentor_id] and wants[pair.mentee_id]:
            room[pair.mentor_id] -= 1
            wants[pair.mentee_id] -= 1
            expected.append((pair, problem.score(pair)))
    assert greedy(problem) == expected


@settings(deadline=None, max_examples=60)
@given(problems(), st.data())
def test_envy_is_counted_by_its_definition(problem: Problem, data: st.DataObject) -> None:
    every = [Pair(*it) for it in product(problem.mentee_ids, problem.mentor_ids)]
    allowed = [it for it in every if problem.score(it) >= 0]
    pairs = data.draw(st.lists(st.sampled_from(allowed), unique=True)) if allowed else []
    envious, justly = set(), set()
    for mentee, there in product(problem.mentee_ids, pairs):
        own = [it for it in pairs if it.mentee_id == mentee]
        would = problem.score(Pair(mentee, there.mentor_id))
        if Pair(mentee, there.mentor_id) in own or would < problem.least_acceptable:
            continue
        wants = problem.wants[problem.row_of[mentee]]
        if wants and would > max((problem.score(it) for it in own), default=-1):
            envious.add(mentee)
            justly |= {mentee} if would > problem.score(there) else set()
    told = fairness(problem, pairs)
    assert (told.envious, told.justly_envious) == (len(envious), len(justly))


def test_scores_are_told_by_quarters() -> None:
    assert spread([]) is None
    assert spread([7]) == Spread(1, 7, 7, 7, 7, 7, 7)
    assert spread([100, 0, 50, 25, 75]) == Spread(5, 250, 0, 25, 50, 75, 100)


def test_groups_of_fewer_than_five_are_left_out() -> None:
    """With one small group, the next smallest goes too, for the rest would give it away."""
    mentees = [f"a{it:02}" for it in range(30)]
    problem = Problem.of(mentees, ["m"], ArrayScores(np.full((30, 1), 600)), ceilings=20)
    groups = {
        it: "large" if at < 17 else "middle" if at < 27 else "small"
        for at, it in enumerate(mentees)
    }
    told = fairness(problem, [Pair(it, "m") for it in mentees[:20]], groups)
    assert told.groups["large"] == GroupLine(17, 17, 600)
    assert told.groups["small"] == GroupLine(None, None, None)
    assert told.groups["middle"].matched is None
    assert told.groups["middle"].median is None
