"""Each benchmark runs and says its ratio; how fast anything is, no test decides."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from benchmarks import (
    certificates,
    due_scan,
    end_to_end,
    http_clicks,
    idle_memory,
    import_applications,
    listener_overhead,
    matching,
    matching_peers,
    measure,
    startup,
    throughput,
    tick,
)

SMALL: dict[str, tuple[Callable[[Sequence[str]], None], str]] = {
    "listener_overhead": (listener_overhead.main, "--rounds 2 --waves 1"),
    "http_clicks": (http_clicks.main, "--rounds 1 --forms 4 --workspaces 1"),
    "startup": (startup.main, "--rounds 1"),
    "idle_memory": (idle_memory.main, "--people 20 --seconds 0.2"),
    "import_applications": (import_applications.main, "--rows 50 --rounds 1"),
    "due_scan": (due_scan.main, "--people 40 --due 3 --pairings 4 --rounds 2"),
    "matching": (matching.main, "--sizes 40 --rounds 1 --peers scipy"),
    "matching_peers": (matching_peers.main, "--mentees 8 --lists 8 --rounds 1 --peers"),
    "certificates": (certificates.main, "--rounds 2 --bulk 10"),
    "throughput": (throughput.main, "--rounds 1 --messages 16"),
    "end_to_end": (
        end_to_end.main,
        "--seconds 2 --workspaces 1 --per-second 10 --quiet 1 --rounds 1 --lead 3 --beat 1",
    ),
    "tick": (tick.main, "--few 20 --many 40 --rounds 2"),
}


@pytest.mark.parametrize("name", SMALL)
def test_benchmark_prints_its_ratio_and_writes_its_figures(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(measure, "RESULTS", tmp_path)
    main, size = SMALL[name]
    main(size.split())
    assert capsys.readouterr().out.startswith(f"{name}: ratio ")
    written = json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))
    assert {"at", "machine"} < set(written)
    assert [figure for figure in written if figure.endswith("ratio")]


def test_things_take_turns_and_change_places_every_round() -> None:
    turns: list[str] = []
    times = measure.interleaved(
        2, one=lambda: turns.append("one"), other=lambda: turns.append("other")
    )
    assert turns == ["one", "other", "other", "one"]
    assert {name: len(found) for name, found in times.items()} == {"one": 2, "other": 2}


def test_percentile_is_a_time_that_was_measured() -> None:
    times = [number / 1000 for number in range(1, 101)]
    assert measure.percentile_ms(times, 99) == pytest.approx(99)
    assert measure.percentile_ms(times[:1], 99) == pytest.approx(1)
