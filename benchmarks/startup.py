"""How long `mentorbot --help` takes, against importing the two libraries the bot stands on."""

import argparse
import subprocess
import sys
from collections.abc import Callable, Sequence

from benchmarks.measure import interleaved, median_ms, publish, verdict

MOST_TIMES = 1.5


def main(arguments: Sequence[str] | None = None) -> None:
    """Compare whole processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args(arguments).rounds
    times = interleaved(
        rounds,
        help_shown=_process("-m", "mentorbot", "--help"),
        imported=_process("-c", "import slack_bolt, sqlalchemy"),
    )
    help_ms, import_ms = median_ms(times["help_shown"]), median_ms(times["imported"])
    ratio = help_ms / import_ms
    publish(
        "startup",
        {"rounds": rounds, "help_ms": help_ms, "import_ms": import_ms, "ratio": ratio},
        f"ratio {ratio:.2f} (--help {help_ms:.0f} ms, importing slack_bolt and sqlalchemy"
        f" {import_ms:.0f} ms); target under {MOST_TIMES}: {verdict(ratio < MOST_TIMES)}",
    )


def _process(*words: str) -> Callable[[], object]:
    def run() -> object:
        return subprocess.run([sys.executable, *words], check=True, capture_output=True)

    return run


if __name__ == "__main__":
    main()
