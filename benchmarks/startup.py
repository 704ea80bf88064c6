"""How long `mentorbot --help` and `programme check` take, against what they stand on.

The help against importing slack_bolt and SQLAlchemy; a check against a Python that does nothing.
"""

import argparse
import subprocess
import sys
from collections.abc import Callable, Sequence

from benchmarks.measure import interleaved, median_ms, publish, verdict

MOST_TIMES = 1.5
MOST_CHECK_MS = 500
CHECKED = "icahn"


def main(arguments: Sequence[str] | None = None) -> None:
    """Compare whole processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args(arguments).rounds
    times = interleaved(
        rounds,
        help_shown=_process("-m", "mentorbot", "--help"),
        imported=_process("-c", "import slack_bolt, sqlalchemy"),
        checked=_process("-m", "mentorbot", "programme", "check", CHECKED),
        nothing=_process("-c", "pass"),
    )
    ms = {name: median_ms(found) for name, found in times.items()}
    ratio, check_ms = ms["help_shown"] / ms["imported"], ms["checked"] - ms["nothing"]
    publish(
        "startup",
        {
            "rounds": rounds,
            "help_ms": ms["help_shown"],
            "import_ms": ms["imported"],
            "ratio": ratio,
            "check_ms": ms["checked"],
            "python_ms": ms["nothing"],
            "check_ratio": check_ms / MOST_CHECK_MS,
        },
        f"ratio {ratio:.2f} (--help {ms['help_shown']:.0f} ms, importing slack_bolt and sqlalchemy"
        f" {ms['imported']:.0f} ms); target under {MOST_TIMES}: {verdict(ratio < MOST_TIMES)};"
        f" programme check {check_ms:.0f} ms above Python's start; target under {MOST_CHECK_MS}:"
        f" {verdict(check_ms < MOST_CHECK_MS)}",
    )


def _process(*words: str) -> Callable[[], object]:
    def run() -> object:
        return subprocess.run([sys.executable, *words], check=True, capture_output=True)

    return run


if __name__ == "__main__":
    main()
