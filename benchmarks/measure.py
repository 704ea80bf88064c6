"""What every benchmark shares: interleaved runs, medians, the machine, the written result."""

import json
import os
import platform
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path("var/benchmarks")
PAGE_BYTES = 4096


def seconds(run: Callable[[], object]) -> float:
    """How long a call takes."""
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def interleaved(
    rounds: int, *, pause_seconds: float = 0.0, **runs: Callable[[], object]
) -> dict[str, list[float]]:
    """Time several things in turns, so that a busy moment of the machine meets them all.

    The order turns round with every round; the pause lets work that outlives a call end unmeasured.
    """
    times: dict[str, list[float]] = {name: [] for name in runs}
    names = list(runs)
    for number in range(rounds):
        for name in names if number % 2 == 0 else reversed(names):
            times[name].append(seconds(runs[name]))
            time.sleep(pause_seconds)
    return times


def median_ms(times: Sequence[float]) -> float:
    """The median of some seconds, in milliseconds."""
    return statistics.median(times) * 1000


def percentile_ms(times: Sequence[float], percent: int) -> float:
    """The smallest time that `percent` of the times do not exceed, in milliseconds."""
    rank = -(-len(times) * percent // 100)
    return sorted(times)[max(rank, 1) - 1] * 1000


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder on the disk that holds the results, not in memory: commits must reach it."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=RESULTS) as folder:
        yield Path(folder).resolve()


def fsync_ms(folder: Path, rounds: int = 100) -> float:
    """The median of appending a page to a file and seeing it on the disk."""
    with (folder / "fsync").open("wb", buffering=0) as file:

        def append() -> None:
            file.write(b"\0" * PAGE_BYTES)
            os.fsync(file.fileno())

        return median_ms([seconds(append) for _round in range(rounds)])


def publish(name: str, figures: dict[str, Any], sentence: str) -> None:
    """Write a benchmark's figures with the machine they hold for, and print its line."""
    machine = {
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }
    found = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine, **figures}
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(f"{name}: {sentence}")


def verdict(is_met: bool) -> str:
    """A target's outcome in a word."""
    return "met" if is_met else "MISSED"
