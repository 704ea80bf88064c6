"""The memory of an idle bot that runs the IMG programme for a thousand people.

The whole bot, `mentorbot run`, in a process of its own against the simulated workspace; measured
after several heartbeats and its first sweep through the workspace.
"""

import argparse
import subprocess
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from benchmarks import stage
from benchmarks.measure import publish, scratch, verdict
from mentorbot.bootstrap import real_clock
from mentorbot.sandbox.server import Sandbox

MOST_MB = 150


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the bot's resident memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=10, help="how long it beats first")
    asked = parser.parse_args(arguments)
    with scratch() as folder, stage.sandbox_now(asked.people) as sandbox:
        pairs = enrol_and_pair(folder, sandbox, asked.people)
        environment = stage.environment_for(folder, sandbox)
        with stage.process(sandbox, "mentorbot", "run", environment=environment) as bot:
            time.sleep(asked.seconds)
            found_mb = resident_mb(bot.pid)
    publish(
        "idle_memory",
        {
            "people": asked.people,
            "pairs": pairs,
            "rss_mb": found_mb,
            "ratio": found_mb / MOST_MB,
        },
        f"ratio {found_mb / MOST_MB:.2f} of the {MOST_MB} MB allowed ({found_mb:.0f} MB with"
        f" {asked.people} people in {pairs} pairs); target under 1: {verdict(found_mb < MOST_MB)}",
    )


def enrol_and_pair(folder: Path, sandbox: Sandbox, how_many: int) -> int:
    """Enrol people and pair four of five of them; nothing is due for a day. Returns the pairs."""
    now = real_clock()
    bot = stage.prepared_bot(stage.settings_for(folder, sandbox), sandbox.workspace_id)
    with bot.store.begin(sandbox.workspace_id) as tx:
        ids = stage.enrol(tx, how_many, now, role_of=stage.alternating)
        pairs = stage.neighbours(ids[: how_many * 4 // 5])
        stage.pair(tx, pairs, now, due_at=now + timedelta(days=1))
    bot.store.close()
    return len(pairs)


def resident_mb(process_id: int) -> float:
    """A process's resident memory, as Linux or `ps` tells it."""
    status = Path(f"/proc/{process_id}/status")
    if status.exists():
        line = next(li for li in status.read_text().splitlines() if li.startswith("VmRSS"))
        return int(line.split()[1]) / 1024
    shown = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(process_id)], check=True, capture_output=True, text=True
    )
    return int(shown.stdout) / 1024


if __name__ == "__main__":
    main()
