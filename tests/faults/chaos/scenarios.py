"""What a run may be: each scenario plays on the stage and returns its figures."""

import time
from collections.abc import Callable
from typing import Any

from tests.faults.chaos.intents import verdict
from tests.faults.chaos.plan import Blow, moments
from tests.faults.chaos.processes import Progress
from tests.faults.chaos.run import Stage

Figures = dict[str, Any]


def plain(stage: Stage) -> Figures:
    """Kills, stops, crashes and faults from the first message to the last."""
    meant = stage.size.meant()
    stage.prepare(meant)
    stage.slack.behave(share=stage.size.faults)
    begun = time.monotonic()
    blows = moments(stage.rng, stage.size.messages * 9 // 10, stage.size.blows)
    progress = stage.play(blows, stage.is_drained)
    seconds = time.monotonic() - begun
    stage.senders.kill_all()
    found = verdict(meant, stage.slack.postings(stage.folder))
    return _figures(stage, progress, seconds) | {
        "lost": len(found.lost),
        "repeated": len(found.repeated),
        "failed": stage.senders.failed,
    }


def _figures(stage: Stage, progress: Progress, seconds: float) -> Figures:
    return {
        "messages": stage.size.messages,
        "kills": stage.blows[Blow.KILL],
        "stops": stage.blows[Blow.STOP],
        "db_crashes": stage.blows[Blow.CRASH],
        "faults": sum(progress.faults.values()),
        "look_ups": progress.look_ups,
        "taken_back": progress.taken_back,
        "seconds": round(seconds, 1),
        "workers": stage.size.workers,
        "seed": stage.size.seed,
    }


SCENARIOS: dict[str, Callable[[Stage], Figures]] = {"plain": plain}
