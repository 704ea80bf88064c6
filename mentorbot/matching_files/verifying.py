"""Whether a result is what it says: its rules kept, its numbers right, and nothing better there.

No solver runs for that: prices prove that nothing is better, and lists show that no two people
would rather have each other.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from mentorbot.domain.matching import certificate, ranked, two_sided
from mentorbot.domain.matching.leftovers import remaining
from mentorbot.domain.matching.preferences import ranks
from mentorbot.domain.matching.problem import Pair, Problem
from mentorbot.matching_files.instance import market_of, problem_of
from mentorbot.matching_files.problem_file import Couple, ProblemFile
from mentorbot.matching_files.proofs import (
    matching_of,
    part_of_lists,
    ranked_of,
    without_by_lists,
)
from mentorbot.matching_files.result_file import Part, ResultFile, assignment_of


@dataclass(frozen=True)
class Verdict:
    """What is wrong with a result, and which of its steps carry no proof."""

    mistakes: tuple[str, ...]
    unproven: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether everything is right and proven."""
        return not self.mistakes and not self.unproven


def verify(result: ResultFile, problem: ProblemFile | None = None) -> Verdict:
    """Check a result against the problem that it carries, and whether that is the given one."""
    if problem is not None and problem != result.problem:
        return Verdict(("The result is that of another problem.",))
    broken = [*_broken_rules(result)]
    if broken:
        return Verdict(tuple(broken))
    asked = problem_of(result.problem)
    wrong = [*_wrong_numbers(result, asked), *_wrong_absences(result, asked)]
    by_ballot = _made_before_scores(result)
    unproven = []
    for part in result.parts:
        if part.by != "lists" and not part.prices:
            unproven.append(part.by)
        elif (why := _not_proven(result, asked, part, by_ballot)) is not None:
            wrong.append(f"The proof of the step by {part.by} does not hold{why}.")
    return Verdict(tuple(wrong), tuple(unproven))


def _made_before_scores(result: ResultFile) -> frozenset[Couple]:
    """The pairs that the ballots made; none in the mode best, where locks belong to the scores."""
    if result.problem.mode != "ranked":
        return frozenset()
    return frozenset((it.mentee, it.mentor) for it in result.pairs if it.by != "score")


def _broken_rules(result: ResultFile) -> Iterator[str]:
    file, couples = result.problem, result.couples
    if list(couples) != sorted(set(couples)):
        yield "The pairs are not in order, or one stands twice."
    if result.assignment != assignment_of(couples):
        yield "The pairs are not those of the fingerprint."
    ceilings = {it.id: it.ceiling for it in file.mentors}
    wants = {it.id: it.wants for it in file.mentees}
    for mentee, mentor in couples:
        if mentee not in wants or mentor not in ceilings:
            yield f"{mentee}:{mentor}: not people of this problem."
            return
    yield from (f"{a}:{b}: forbidden." for a, b in couples if (a, b) in file.forbidden)
    yield from (f"{a}:{b}: locked, but not there." for a, b in file.locks if (a, b) not in couples)
    sizes = Counter(mentor for _, mentor in couples)
    for one in file.mentors:
        if sizes[one.id] > one.ceiling or 0 < sizes[one.id] < one.floor:
            yield f"{one.id}: {sizes[one.id]} mentees, outside of {one.floor} to {one.ceiling}."
    for mentee, count in Counter(mentee for mentee, _ in couples).items():
        if count > wants[mentee]:
            yield f"{mentee}: {count} mentors, and wants {wants[mentee]}."
    steps = [part.by for part in result.parts]
    if steps != _steps(file):
        yield f"The steps of this mode are {', '.join(_steps(file))}."


def _steps(file: ProblemFile) -> list[str]:
    if file.mode == "ranked":
        return ["ballots", "score"] if file.has_scores else ["ballots"]
    return ["score"] if file.mode == "best" else ["lists"]


def _wrong_numbers(result: ResultFile, problem: Problem) -> Iterator[str]:
    """Pairs whose scores, ranks or origin are told wrongly."""
    file = result.problem
    mine = {it.id: ranks(it.tiers) for it in file.mentees}
    theirs = {it.id: ranks(it.tiers) for it in file.mentors}
    for it in result.pairs:
        rank = mine[it.mentee].get(it.mentor) if it.by != "score" else None
        score = problem.score(Pair(it.mentee, it.mentor)) if file.has_scores else None
        mentor_rank = theirs[it.mentor].get(it.mentee) if file.mode == "two_sided" else None
        is_locked = (it.mentee, it.mentor) in file.locks
        if (it.score, it.rank, it.mentor_rank) != (score, rank, mentor_rank) or is_locked != (
            it.by == "lock"
        ):
            yield f"{it.mentee}:{it.mentor}: its score, ranks or origin are told wrongly."


def _wrong_absences(result: ResultFile, problem: Problem) -> Iterator[str]:
    """Whoever is without a mentor; of a step by score the certificate checks the reasons, too."""
    if result.parts[-1].by == "score":
        has = Counter(mentee for mentee, _ in result.couples)
        expected = [
            (it.id, has[it.id], it.wants) for it in result.problem.mentees if has[it.id] < it.wants
        ]
        told = [(it.mentee, it.has, it.wants) for it in result.unmatched]
        is_right = sorted(told) == sorted(expected)
    else:
        market = market_of(result.problem, problem)
        is_mutual = result.problem.mode == "two_sided"
        again = without_by_lists(market, result.couples, is_mutual=is_mutual)
        is_right = again == result.unmatched
    if not is_right:
        yield "Those without a mentor are told wrongly."


def _not_proven(
    result: ResultFile, problem: Problem, part: Part, by_ballot: frozenset[Couple]
) -> str | None:
    """Why a step is not the best by its prices, or not what the lists lead to; None where it is."""
    file = result.problem
    if part.by == "score":
        return _not_best(result, problem, part, by_ballot)
    market = market_of(file, problem)
    if part.by == "ballots":
        pairs = [it for it in result.pairs if (it.mentee, it.mentor) in by_ballot]
        return None if ranked.verify(market, file.ranked_by, ranked_of(part, pairs)) else ""
    if found := two_sided.blocking_pairs(market, result.couples):
        return ": {}:{} would rather have each other".format(*found[0])
    again = two_sided.solve(market)
    return None if (again.pairs, part_of_lists(again)) == (result.couples, part) else ""


def _not_best(
    result: ResultFile, problem: Problem, part: Part, by_ballot: frozenset[Couple]
) -> str | None:
    rest = remaining(problem, [Pair(*it) for it in by_ballot]) if by_ballot else problem
    before = Counter(mentee for mentee, _ in by_ballot)
    pairs = [it for it in result.pairs if (it.mentee, it.mentor) not in by_ballot]
    try:
        certificate.verify(rest, matching_of(rest, part, pairs, result.unmatched, before))
    except (certificate.Unproven, ValueError, OverflowError) as error:
        return f": {error}"
    return None
