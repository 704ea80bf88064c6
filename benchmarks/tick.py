"""What a heartbeat costs: with nothing due, with a few pairings due, and to match one newcomer.

The first two are taken with few and with many participants at the same number due: the ratio says
how the cost grows with the size of the workspace, and should stay near 1.
"""

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from sqlalchemy import update

from benchmarks import stage
from benchmarks.measure import (
    interleaved,
    median_ms,
    percentile_ms,
    publish,
    scratch,
    seconds,
    verdict,
)
from mentorbot.domain.model import Participant, Role
from mentorbot.heartbeat import run_due
from mentorbot.slack.app import create_delivery
from mentorbot.storage import tables
from mentorbot.storage.store import Transaction
from mentorbot.usecases.matching import match_waiting

WORKSPACE = "T0BENCHMARK"
NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
MOST_GROWTH = 2.0
DUE = 20


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure an idle beat, a busy beat and one match."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--few", type=int, default=1000)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=30)
    asked = parser.parse_args(arguments)
    with scratch() as folder:
        few, many = (Beating(folder / name, getattr(asked, name)) for name in ("few", "many"))
        idle = interleaved(asked.rounds, few=few.beat, many=many.beat)
        busy = interleaved(asked.rounds, few=few.beat_with_some_due, many=many.beat_with_some_due)
        matching = measure_matching(folder / "matching", asked.few, asked.rounds)
        few.bot.store.close()
        many.bot.store.close()
    _publish(asked, idle, busy, matching)


class Beating:
    """A bot over a database in which everyone is paired, mentor by mentee."""

    def __init__(self, folder: Path, people: int) -> None:
        folder.mkdir()
        self.bot = stage.prepared_bot(stage.settings_for(folder), WORKSPACE, lambda: NOW)
        self.delivery = create_delivery(self.bot, "benchmark")
        self._turns = count()
        with self.bot.store.begin(WORKSPACE) as tx:
            ids = stage.enrol(tx, people, NOW, role_of=stage.alternating)
            pairs = stage.neighbours(ids)
            stage.pair(tx, pairs, NOW - timedelta(days=5), due_at=NOW + timedelta(days=1))
            tx.session.execute(tables.outbox.delete())
        self._pairings = [f"G{number:07d}" for number in range(len(pairs))]

    def beat(self) -> None:
        """One heartbeat with nothing due and nothing to send."""
        run_due(self.bot)
        self.delivery.drain()

    def beat_with_some_due(self) -> None:
        """What time brings to some pairings; the making of them due is measured too."""
        begin = next(self._turns) * DUE % max(len(self._pairings), 1)
        due = (self._pairings * 2)[begin : begin + DUE]
        column = tables.pairings.c
        with self.bot.store.begin(WORKSPACE) as tx:
            tx.session.execute(
                update(tables.pairings)
                .where(column.workspace_id == WORKSPACE, column.pairing_id.in_(due))
                .values(next_due_at=NOW)
            )
        run_due(self.bot)


def measure_matching(folder: Path, waiting: int, rounds: int) -> list[float]:
    """Match one new mentor with the best of those who wait, and take it back."""
    folder.mkdir()
    bot = stage.prepared_bot(stage.settings_for(folder), WORKSPACE, lambda: NOW)
    with bot.store.begin(WORKSPACE) as tx:
        newcomer, *_others = stage.enrol(tx, waiting + 1, NOW, role_of=_mentor_then_mentees)
    times = []
    for _round in range(rounds):
        with bot.store.read(WORKSPACE) as tx:
            times.append(seconds(lambda tx=tx: _match(tx, newcomer)))
    bot.store.close()
    return times


def _mentor_then_mentees(number: int) -> Role:
    return Role.MENTOR if number == 0 else Role.MENTEE


def _match(tx: Transaction, newcomer: str) -> None:
    made = match_waiting(tx, "img", NOW)
    mentor = tx.get(Participant, newcomer)
    if len(made) != 1 or mentor is None or mentor.waiting_since_at is not None:
        raise RuntimeError("the newcomer was not matched")


def _publish(
    asked: argparse.Namespace,
    idle: dict[str, list[float]],
    busy: dict[str, list[float]],
    matching: list[float],
) -> None:
    idle_ms = {name: median_ms(times) for name, times in idle.items()}
    busy_ms = {name: median_ms(times) for name, times in busy.items()}
    ratio, busy_ratio = idle_ms["many"] / idle_ms["few"], busy_ms["many"] / busy_ms["few"]
    publish(
        "tick",
        {
            "people": {"few": asked.few, "many": asked.many},
            "due": DUE,
            "idle_ms": idle_ms,
            "idle_ratio": ratio,
            "due_ms": busy_ms,
            "due_ratio": busy_ratio,
            "match_median_ms": median_ms(matching),
            "match_p99_ms": percentile_ms(matching, 99),
        },
        f"ratio {ratio:.2f} for an idle beat, {busy_ratio:.2f} with {DUE} pairings due, from"
        f" {asked.few} people to {asked.many} (idle {idle_ms['few']:.1f} to {idle_ms['many']:.1f}"
        f" ms, due {busy_ms['few']:.0f} to {busy_ms['many']:.0f} ms); target under"
        f" {MOST_GROWTH:g}: {verdict(max(ratio, busy_ratio) < MOST_GROWTH)}\n"
        f"  matching one newcomer among {asked.few} who wait: {median_ms(matching):.0f} ms",
    )


if __name__ == "__main__":
    main()
