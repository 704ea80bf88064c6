"""Whether a matching is what it says, checked pair by pair without any solver.

Each stage has prices (`board` says what has to hold of them); all pairs of the problem are looked
at, so that a result that could be better in any stage, or differs in a single pair, is refused.
Source of the argument: weak duality and complementary slackness of linear programmes.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from mentorbot.domain.errors import MentorBotError
from mentorbot.domain.matching.board import Board, Pairs, Step, among
from mentorbot.domain.matching.faces import after, is_single, tightened
from mentorbot.domain.matching.groups import groups_of
from mentorbot.domain.matching.problem import Matching, Pair, Problem, Proof, Stage
from mentorbot.domain.matching.results import matching_of

LARGEST_PRICE = 1 << 58
"""Sums of three such numbers fit 64 bits."""


class Unproven(MentorBotError):
    """A matching that is not what it says: `what` is the first thing wrong, `about` names it."""

    def __init__(self, what: str, about: str = "") -> None:
        super().__init__(f"{what}: {about}" if about else what)
        self.what, self.about = what, about


def verify(problem: Problem, matching: Matching) -> None:
    """Check that a matching keeps to a problem's rules and is the best one in every stage.

    Where mentors have floors, it is the best one of the groups that come about; that other groups
    would not be better is proven only as far as `without_floors` goes. Raises Unproven.
    """
    _check_people(problem, matching)
    groups = groups_of(problem, frozenset(matching.closed))
    board = Board(problem, groups.closed, groups.held)
    made = _free(board, matching)
    _check_numbers(board, made)
    _check_proofs(board, made, list(matching.proofs))
    told = matching_of(board, made, matching.proofs, matching.rounds)
    for name in ("pairs", "stages", "unmatched", "closed"):
        if getattr(told, name) != getattr(matching, name):
            raise Unproven(f"{name}_not_as_told")
    if matching.without_floors is not None:
        verify(replace(problem, floors=np.zeros_like(problem.floors)), matching.without_floors)


def _check_people(problem: Problem, matching: Matching) -> None:
    pairs = [Pair(it.mentee_id, it.mentor_id) for it in matching.pairs]
    for pair in pairs:
        if pair.mentee_id not in problem.row_of or pair.mentor_id not in problem.column_of:
            raise Unproven("unknown_person", f"{pair.mentee_id}:{pair.mentor_id}")
    if len(set(pairs)) < len(pairs):
        raise Unproven("pair_twice")
    for pair in sorted(problem.locks - set(pairs)):
        raise Unproven("lock_missing", f"{pair.mentee_id}:{pair.mentor_id}")


def _free(board: Board, matching: Matching) -> Pairs:
    """The pairs that are not locked; one that may not be made has no place among them."""
    told = frozenset(Pair(*it[:2]) for it in matching.pairs) - board.problem.locks
    made = board.pairs(board.keys_of(told))
    wrong = np.flatnonzero(~board.open(board.first_step(), made))
    for number in wrong[:1].tolist():
        mentee_id = board.problem.mentee_ids[made.rows[number]]
        raise Unproven(
            "pair_not_allowed", f"{mentee_id}:{board.problem.mentor_ids[made.columns[number]]}"
        )
    return made


def _check_numbers(board: Board, made: Pairs) -> None:
    of_mentee = np.bincount(made.rows, minlength=board.height)
    of_mentor = np.bincount(made.columns, minlength=board.width)
    for row in np.flatnonzero(of_mentee > board.mentees.upper).tolist():
        raise Unproven("more_than_wanted", board.problem.mentee_ids[row])
    for column in np.flatnonzero(of_mentor > board.mentors.upper).tolist():
        raise Unproven("more_than_places", board.problem.mentor_ids[column])
    for column in np.flatnonzero(of_mentor < board.held).tolist():
        raise Unproven("fewer_than_the_floor", board.problem.mentor_ids[column])


def _check_proofs(board: Board, made: Pairs, proofs: list[Proof]) -> None:
    given = iter(proofs)
    first = board.first_step()
    step, open_ = _proven(board, first, made, _next(board, given, Stage.PLACES))
    if board.problem.worst_first and len(made):
        step = replace(step, least=int(made.scores.min()))
        _check_bound(board, first, made, _next(board, given, Stage.WORST))
    step, open_ = _proven(board, step.of(Stage.TOTAL), open_, _next(board, given, Stage.TOTAL))
    if len(board.draft):
        step, open_ = _proven(board, step.of(Stage.KEPT), open_, _next(board, given, Stage.KEPT))
    for salt, proof in enumerate(_rest(board, given)):
        if proof.salt != salt:
            raise Unproven("salt_not_next", str(proof.salt))
        step, open_ = _proven(board, step.of(Stage.CANONICAL, salt), open_, proof)
    if not is_single(board, step, open_):
        raise Unproven("not_the_only_one")


def _next(board: Board, given: Iterator[Proof], stage: Stage) -> Proof:
    proof = next(given, None)
    if proof is None or proof.stage is not stage:
        raise Unproven("proof_missing", stage)
    return _checked(board, proof)


def _rest(board: Board, given: Iterator[Proof]) -> Iterator[Proof]:
    yield _next(board, given, Stage.CANONICAL)
    for proof in given:
        if proof.stage is not Stage.CANONICAL:
            raise Unproven("proof_not_asked_for", proof.stage)
        yield _checked(board, proof)


def _checked(board: Board, proof: Proof) -> Proof:
    for prices, size in ((proof.mentee_prices, board.height), (proof.mentor_prices, board.width)):
        if prices.shape != (size,) or prices.dtype.kind != "i":
            raise Unproven("prices_of_others", proof.stage)
        if size and max(int(prices.max()), -int(prices.min())) > LARGEST_PRICE:
            raise Unproven("price_too_large", proof.stage)
    return proof


def _proven(board: Board, step: Step, made: Pairs, proof: Proof) -> tuple[Step, Pairs]:
    """The next step, and what it may still change, once a set is seen to be best in this one."""
    if not board.open(step, made).all():
        raise Unproven("not_among_the_best", step.stage)
    if (board.slack(step, proof, made) > 0).any():
        raise Unproven("pair_too_dear", step.stage)
    keys = board.keys(made)
    for pairs in board.near(step, proof, -1):
        if not among(keys, board.keys(pairs)).all():
            raise Unproven("pair_would_improve", step.stage)
    people = (made.rows, board.height), (made.columns, board.width)
    for (places, size), side in zip(people, tightened(step, proof), strict=True):
        numbers = np.bincount(places, minlength=size)
        if ((numbers < side.lower) | (numbers > side.upper)).any():
            raise Unproven("prices_do_not_fit", step.stage)
    next_step, _ = after(board, step, made, proof)
    return next_step, made.where(board.open(next_step, made))


def _check_bound(board: Board, first: Step, made: Pairs, proof: Proof) -> None:
    """Check that pairs that all score more than the worst one would serve fewer people."""
    better = replace(first, least=int(made.scores.min()) + 1)
    most, reward = 0, first.floors.reward if first.floors else 0
    for pairs in board.near(better, proof, -1):
        most -= int(board.slack(better, proof, pairs).sum())
    prices = proof.mentee_prices.tolist()
    for row, gains in enumerate(board.rewards.tolist()):
        wanted = gains[: int(board.mentees.upper[row])]
        most += sum(max(0, gain + prices[row]) for gain in wanted)
    for price, places, held in zip(
        proof.mentor_prices.tolist(),
        board.mentors.upper.tolist(),
        np.minimum(board.held, board.mentors.upper).tolist(),
        strict=True,
    ):
        most += held * max(0, price + reward) + (places - held) * max(0, price)
    if most >= board.worth(made):
        raise Unproven("worst_could_be_better")
