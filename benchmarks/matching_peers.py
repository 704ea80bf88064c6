"""How fast mentees and mentors are matched, against programs that people use for it today.

`mentor-match` (PyPI) matches one mentee to a mentor at a time and is run once for each place, with
a rule for each criterion, which is handed its points; ours works them out from answers. `matching`
(PyPI) solves hospitals and residents by deferred acceptance, as `mode: two_sided` does; both get
the same full lists. Every run is a process of its own, the peers' in environments of their own,
since their modules share a name.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

PLACES = 2
LEAST_TIMES_BEST, LEAST_TIMES_STABLE = 50, 100
PEERS = {"mentor-match": "mentor-match==7.0.1", "matching": "matching==1.4.3"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Let all take turns, and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mentees", type=int, default=400, help="matched by scores")
    parser.add_argument("--lists", type=int, default=1000, help="mentees matched by lists")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", nargs="*", default=list(PEERS), choices=list(PEERS))
    parser.add_argument("--worker", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.worker:
        print(json.dumps(_run(given.worker[0], Path(given.worker[1]), int(given.worker[2]))))
        return
    _compare(given)


def _compare(given: argparse.Namespace) -> None:
    from benchmarks.measure import publish, scratch, verdict

    with scratch() as folder:
        best = _turns(folder, given, "best", "mentor-match", given.mentees)
        stable = _turns(folder, given, "stable", "matching", given.lists)
    lines, ratios = [], {}
    if "mentor-match" in best:
        ours, theirs = best["best"], best["mentor-match"]
        ratios["mentor_match_ratio"] = theirs["seconds"] / ours["seconds"]
        gap = 100 * (1 - theirs["total"] / ours["total"])
        met = ratios["mentor_match_ratio"] >= LEAST_TIMES_BEST and theirs["total"] <= ours["total"]
        lines.append(
            f"  {given.mentees} mentees: ratio {ratios['mentor_match_ratio']:.0f} to mentor-match"
            f" ({ours['seconds']:.3f} s, {theirs['seconds']:.1f} s), whose total is {gap:.2f} %"
            f" short of the best; target at least {LEAST_TIMES_BEST}: {verdict(met)}"
        )
    if "matching" in stable:
        ours, theirs = stable["stable"], stable["matching"]
        if ours["total"] != theirs["total"]:
            raise SystemExit("the stable matchings differ")
        ratios["matching_ratio"] = theirs["seconds"] / ours["seconds"]
        met = ratios["matching_ratio"] >= LEAST_TIMES_STABLE
        lines.append(
            f"  {given.lists} full lists: ratio {ratios['matching_ratio']:.0f} to matching"
            f" ({ours['seconds']:.3f} s, {theirs['seconds']:.1f} s), the same pairs; target at"
            f" least {LEAST_TIMES_STABLE}: {verdict(met)}"
        )
    nearest = min(ratios.values(), default=0.0)
    runs = {"rounds": given.rounds, "best": best, "stable": stable}
    figures = {**runs, **ratios, "ratio": nearest}
    first = f"ratio {nearest:.0f} to the nearest peer"
    publish("matching_peers", figures, "\n".join([first, *lines]))


def _turns(
    folder: Path, given: argparse.Namespace, ours: str, peer: str, size: int
) -> dict[str, dict[str, float]]:
    """The medians of ours and of a peer, taking turns over the same people."""
    data = folder / f"{ours}.json"
    data.write_text(json.dumps(_people(ours, size)), encoding="utf-8")
    names = [ours, *([peer] if peer in given.peers else [])]
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for number in range(given.rounds):
        for name in names if number % 2 == 0 else reversed(names):
            runs[name].append(_in_a_process(name, data, size))
    return {
        name: {key: statistics.median(it[key] for it in found) for key in found[0]}
        for name, found in runs.items()
    }


def _in_a_process(name: str, data: Path, size: int) -> dict[str, float]:
    python = str(_environment(name)) if name in PEERS else sys.executable
    command = [python, str(Path(__file__)), "--worker", name, str(data), str(size)]
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=_variables(name in PEERS)
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _variables(is_peer: bool) -> dict[str, str]:
    """A peer must not find this folder first: its module is called `matching`, too."""
    ours = {"OPENBLAS_NUM_THREADS": "1", "PYTHONSAFEPATH": "1", "PYTHONPATH": os.getcwd()}
    return {**os.environ, **ours, **({"PYTHONPATH": ""} if is_peer else {})}


def _environment(name: str) -> Path:
    """Python with one peer, built once."""
    from benchmarks.measure import RESULTS

    folder = RESULTS.resolve() / name
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", PEERS[name]], check=True)
    return python


def _people(ours: str, size: int) -> dict[str, Any]:
    """The scores of made-up people, or full lists of both sides that agree on much."""
    if ours == "best":
        from benchmarks.matching_people import scores_of

        scores = scores_of(size)
        return {
            "points": [
                [list(scores.components(row, column).values()) for column in range(size // PLACES)]
                for row in range(size)
            ]
        }
    rng = random.Random(size)
    mentees, mentors = range(size), range(size // PLACES)
    return {
        "choices": [_list(rng, mentors) for _ in mentees],
        "answers": [_list(rng, mentees) for _ in mentors],
    }


def _list(rng: random.Random, people: Sequence[int]) -> list[int]:
    """Everybody, those first whom most like best."""
    return sorted(people, key=lambda one: one / len(people) + rng.gauss(0, 0.3))


def _run(name: str, data: Path, size: int) -> dict[str, float]:
    workers: dict[str, Callable[[Any, int], dict[str, float]]] = {
        "best": _best,
        "mentor-match": _mentor_match,
        "stable": _stable,
        "matching": _matching,
    }
    return workers[name](json.loads(data.read_text(encoding="utf-8")), size)


def _best(_data: Any, size: int) -> dict[str, float]:
    import ortools.graph.python.max_flow
    import ortools.graph.python.min_cost_flow  # noqa: F401 # loaded before the clock runs

    from benchmarks.matching_people import CRITERIA, people
    from mentorbot.domain.matching.best import solve
    from mentorbot.domain.matching.certificate import verify
    from mentorbot.domain.matching.problem import Problem
    from mentorbot.domain.matching.scoring import CriteriaScores

    mentees = people(size, "mentees", years=4)
    mentors = people(size // PLACES, "mentors", years=12)
    begun = time.perf_counter()
    problem = Problem.of(
        [f"mentee {it}" for it in range(size)],
        [f"mentor {it}" for it in range(size // PLACES)],
        CriteriaScores(CRITERIA, mentees, mentors),
        ceilings=PLACES,
        worst_first=False,
    )
    found = solve(problem)
    took = time.perf_counter() - begun
    verify(problem, found)
    return {"seconds": took, "total": sum(it.score for it in found.pairs)}


def _mentor_match(data: Any, size: int) -> dict[str, float]:
    from matching import process
    from matching.mentee import Mentee
    from matching.mentor import Mentor

    points = data["points"]
    numbers = range(len(points[0][0]))

    class First:
        """A rule by which whoever has no mentor yet comes first."""

        def apply(self, match: Any) -> int:
            return 0 if match.mentee.mentors else 1_000_000

    class Points:
        """A rule that looks a criterion's points up."""

        def __init__(self, number: int) -> None:
            self.number = number

        def apply(self, match: Any) -> int:
            return int(points[int(match.mentee.email)][int(match.mentor.email)][self.number])

    begun = time.perf_counter()
    mentors = [Mentor(grade=1, email=str(it)) for it in range(size // PLACES)]
    mentees = [Mentee(grade=0, email=str(it)) for it in range(size)]
    rules = [First(), *map(Points, numbers)]
    process.process_data(mentors, mentees, [rules for _place in range(PLACES)])
    took = time.perf_counter() - begun
    pairs = [(int(it.email), int(one.email)) for it in mentees for one in it.mentors]
    if sorted(mentee for mentee, _mentor in pairs) != list(range(size)):
        raise SystemExit("mentor-match left somebody out, or matched somebody twice")
    return {"seconds": took, "total": sum(sum(points[e][o]) for e, o in pairs)}


def _stable(data: Any, _size: int) -> dict[str, float]:
    from mentorbot.domain.matching.preferences import Market
    from mentorbot.domain.matching.two_sided import solve

    begun = time.perf_counter()
    market = Market(
        choices={
            f"e{it}": tuple((f"o{one}",) for one in own) for it, own in _each(data, "choices")
        },
        ceilings={f"o{it}": PLACES for it, _own in _each(data, "answers")},
        answers={
            f"o{it}": tuple((f"e{one}",) for one in own) for it, own in _each(data, "answers")
        },
    )
    pairs = solve(market).pairs
    took = time.perf_counter() - begun
    return {"seconds": took, "total": _digest((int(a[1:]), int(b[1:])) for a, b in pairs)}


def _matching(data: Any, _size: int) -> dict[str, float]:
    from matching.games import HospitalResident

    sys.setrecursionlimit(10_000_000)  # it copies a game from player to player
    begun = time.perf_counter()
    game = HospitalResident.create_from_dictionaries(
        {f"e{it}": [f"o{one}" for one in own] for it, own in _each(data, "choices")},
        {f"o{it}": [f"e{one}" for one in own] for it, own in _each(data, "answers")},
        {f"o{it}": PLACES for it, _own in _each(data, "answers")},
    )
    found = game.solve(optimal="resident")
    took = time.perf_counter() - begun
    pairs = [
        (int(one.name[1:]), int(host.name[1:])) for host, those in found.items() for one in those
    ]
    return {"seconds": took, "total": _digest(pairs)}


def _each(data: Any, name: str) -> list[tuple[int, list[int]]]:
    return list(enumerate(data[name]))


def _digest(pairs: Any) -> int:
    """A number that stands for a set of pairs."""
    return sum((mentee + 1) * 7919 ** (1 + mentor % 3) * (mentor + 1) for mentee, mentor in pairs)


if __name__ == "__main__":
    main()
