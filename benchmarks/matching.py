"""How fast the best matching is found and proven, against solvers that look at a full table.

Mentees are twice as many as mentors, who take two each: nobody can be left out, and everybody
wants the same few. Every run is a process of its own, from answers to pairs; the totals have to be
the same to the last unit. `scipy` is its `linear_sum_assignment`, `lapx` its `lapjvs`, which get an
environment of their own; `candidates` takes the best pairs of the first round, proving nothing.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import measure
from benchmarks.measure import publish, verdict

PLACES = 2
SIZES = (1_000, 5_000, 10_000)
LARGE = (20_000, 100_000)
PEERS = ("scipy", "lapx")
OURS = ("certified", "whole", "candidates")
DENSE_UP_TO = 20_000
"""Above this a full table of costs does not fit."""
MEASURES = {
    "time": "matching_seconds",
    "processor": "matching_processor_seconds",
    "memory": "memory_mb",
}
LEAST_TIMES, LEAST_TIMES_DENSE, MOST_MEMORY = 10, 4, 0.1


def main(arguments: Sequence[str] | None = None) -> None:
    """Let all take turns at every size, and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="how many mentees")
    parser.add_argument("--large", action="store_true", help="20,000 and 100,000, too")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", nargs="*", default=PEERS, choices=PEERS)
    parser.add_argument("--worker", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.worker:
        print(json.dumps(_run(given.worker[0], int(given.worker[1]))))
        return
    sizes = [*given.sizes, *(LARGE if given.large else ())]
    found = {str(size): _compared(size, given.rounds, given.peers) for size in sizes}
    last = found[str(max(int(it) for it in found if _ratios(found[it])))]
    ratios = _ratios(last)
    publish(
        "matching",
        {"rounds": given.rounds, "places": PLACES, "sizes": found, **ratios},
        ", ".join(f"ratio {value:.2f} ({name})" for name, value in ratios.items())
        + f" at {max(int(it) for it in found):,} mentees; targets at 10,000: at least"
        f" {LEAST_TIMES} times scipy and {LEAST_TIMES_DENSE} times lapx: {_judged(ratios)}",
    )


def _judged(ratios: dict[str, float]) -> str:
    wanted = {"scipy_time_ratio": LEAST_TIMES, "lapx_time_ratio": LEAST_TIMES_DENSE}
    return verdict(all(ratios[name] >= least for name, least in wanted.items() if name in ratios))


def _ratios(found: dict[str, Any]) -> dict[str, float]:
    """How many times longer and busier peers are than what is certified, and larger."""
    ours = found["certified"]
    return {
        f"{name}_{what}_ratio": found[name][key] / max(ours[key], 1e-9)
        for name in (*PEERS, "candidates", "whole")
        if name in found
        for what, key in MEASURES.items()
    }


def _compared(size: int, rounds: int, peers: Sequence[str]) -> dict[str, Any]:
    names = [*OURS, *(it for it in peers if size <= DENSE_UP_TO)]
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for number in range(rounds):
        for name in names if number % 2 == 0 else reversed(names):
            runs[name].append(_in_a_process(name, size))
    totals = {it["total"] for name in names for it in runs[name] if name not in OURS[1:]}
    if len(totals) > 1:
        raise SystemExit(f"totals differ at {size:,}: {totals}")
    return {name: _medians(found) for name, found in runs.items()}


def _medians(found: list[dict[str, float]]) -> dict[str, float]:
    return {key: statistics.median(it[key] for it in found) for key in found[0]}


def _in_a_process(name: str, size: int) -> dict[str, float]:
    python = str(_peers_environment()) if name == "lapx" else sys.executable
    command = [python, "-m", "benchmarks.matching", "--worker", name, str(size)]
    one_thread = {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": os.getcwd()}
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env={**os.environ, **one_thread}
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _peers_environment() -> Path:
    """Python with lapx, built once: it cannot share an environment with others of its kind."""
    folder = measure.RESULTS / "peers"
    python = folder.resolve() / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", "lapx", "numpy"], check=True
        )
    return python


def _run(name: str, size: int) -> dict[str, float]:
    """One run from answers to pairs: seconds of each part, and the memory that it took."""
    from benchmarks.matching_people import scores_of

    workers: dict[str, Callable[[Any, int], dict[str, float]]] = {
        "certified": _certified,
        "whole": _whole,
        "candidates": _candidates,
        "scipy": _scipy,
        "lapx": _lapx,
    }
    before = _peak_mb()
    begun = time.perf_counter()
    scores = scores_of(size)
    prepared = time.perf_counter()
    found = workers[name](scores, size)
    return {
        "preparing_seconds": prepared - begun,
        "memory_mb": _peak_mb() - before,
        **found,
    }


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _solved(scores: Any, size: int, worst_first: bool) -> dict[str, float]:
    import ortools.graph.python.max_flow
    import ortools.graph.python.min_cost_flow  # noqa: F401 # loaded before the clock runs

    from mentorbot.domain.matching.best import solve
    from mentorbot.domain.matching.certificate import verify

    times: dict[str, float] = {}
    with _timed(times, "scoring"):
        _score(scores, size)
    with _timed(times, "matching"):
        problem = _problem(scores, size, worst_first)
        found = solve(problem)
    with _timed(times, "verifying"):
        verify(problem, found)
    total = next(it.value for it in found.stages if it.stage == "total")
    return {**times, "rounds": found.rounds, "total": total}


def _certified(scores: Any, size: int) -> dict[str, float]:
    return _solved(scores, size, worst_first=False)


def _whole(scores: Any, size: int) -> dict[str, float]:
    return _solved(scores, size, worst_first=True)


def _problem(scores: Any, size: int, worst_first: bool) -> Any:
    from mentorbot.domain.matching.problem import Problem

    return Problem.of(
        [f"mentee {it}" for it in range(size)],
        [f"mentor {it}" for it in range(size // 2)],
        scores,
        ceilings=PLACES,
        worst_first=worst_first,
    )


def _score(scores: Any, size: int) -> None:
    """All scores; where they fit they are kept for what follows."""
    for start in range(0, size, 200):
        scores.rows(start, min(start + 200, size))


@contextmanager
def _timed(times: dict[str, float], part: str) -> Iterator[None]:
    """Seconds that a part takes, and those of the processor, which other programs share."""
    begun, busy = time.perf_counter(), time.process_time()
    yield
    times[f"{part}_seconds"] = time.perf_counter() - begun
    times[f"{part}_processor_seconds"] = time.process_time() - busy


def _candidates(scores: Any, size: int) -> dict[str, float]:
    import ortools.graph.python.min_cost_flow  # noqa: F401 # loaded before the clock runs

    from mentorbot.domain.matching.best import CANDIDATES
    from mentorbot.domain.matching.board import Board
    from mentorbot.domain.matching.candidates import promising
    from mentorbot.domain.matching.problem import Stage
    from mentorbot.domain.matching.transport import best_of, min_cost_flow

    times: dict[str, float] = {}
    with _timed(times, "scoring"):
        _score(scores, size)
    with _timed(times, "matching"):
        board = Board(_problem(scores, size, worst_first=False))
        step = board.first_step().of(Stage.TOTAL)
        pairs = promising(board, step, CANDIDATES)
        made = best_of(board, step, pairs, board.free_prices(step), min_cost_flow)
    return {**times, "total": int(pairs.scores[made].sum())}


def _table(scores: Any, size: int, kind: str) -> Any:
    """What each mentee costs in each place, a mentor's places beside each other."""
    import numpy as np

    table = np.empty((size, size), dtype=kind)
    for start in range(0, size, 200):
        rows = scores.rows(start, min(start + 200, size))
        table[start : start + len(rows)] = -np.repeat(rows, PLACES, axis=1)
    return table


def _peer(
    scores: Any, size: int, kind: str, assign: Callable[[Any], tuple[Any, Any]]
) -> dict[str, float]:
    times: dict[str, float] = {}
    with _timed(times, "scoring"):
        _score(scores, size)
    with _timed(times, "matching"):
        table = _table(scores, size, kind)
        rows, columns = assign(table)
    return {**times, "total": -int(table[rows, columns].sum())}


def _scipy(scores: Any, size: int) -> dict[str, float]:
    from scipy.optimize import linear_sum_assignment

    return _peer(scores, size, "float64", linear_sum_assignment)


def _lapx(scores: Any, size: int) -> dict[str, float]:
    import lap

    return _peer(scores, size, "float32", lambda table: lap.lapjvs(table, return_cost=False))


if __name__ == "__main__":
    main()
