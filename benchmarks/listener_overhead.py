"""What saving a role form costs, against a bare Bolt app that only acknowledges it.

The ratio is taken where a person feels it: from the envelope that Slack sends over Socket Mode to
the acknowledgement that comes back, with both bots as processes of their own, MentorBot's commit
on the disk before its answer. Beside it stands the same inside one process, through `App.dispatch`
alone: there the bare app does next to nothing, and one durable commit outweighs it by itself.

Forms are sent paced, with a moment between them as people leave one, and back to back, where both
bots are warm and the bare one gains more by it; the verdict goes by the worse of the two ratios.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

from slack_bolt import App, BoltRequest
from sqlalchemy import func, select

from benchmarks import stage
from benchmarks.bare_app import bare_app
from benchmarks.forms import Forms, newcomers
from benchmarks.measure import (
    fsync_ms,
    interleaved,
    median_ms,
    percentile_ms,
    publish,
    scratch,
    seconds,
    verdict,
)
from mentorbot.bootstrap import MentorBot
from mentorbot.sandbox.server import Sandbox
from mentorbot.slack.app import create_app
from mentorbot.storage import tables

MOST_TIMES = 3.0
MOST_P99_MS = 3000
IN_FLIGHT = 50
WARM_UP = 10
PAUSE_SECONDS = 0.01


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure one after another, then many at once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--waves", type=int, default=8, help=f"of {IN_FLIGHT} forms at once")
    asked = parser.parse_args(arguments)
    with scratch() as folder, ExitStack() as open_things:
        saving = open_things.enter_context(stage.sandbox_now())
        acking = open_things.enter_context(stage.sandbox_now())
        bot = stage.prepared_bot(stage.settings_for(folder, saving), saving.workspace_id)
        saved = 3 * (asked.rounds + WARM_UP) + asked.waves * IN_FLIGHT
        forms = newcomers(bot, saving.workspace_id, 2 * saved)
        in_process = measure_dispatch(bot, acking, forms, asked.rounds)
        tokens = (acking.api_url, acking.bot_token, acking.app_token)
        environment = stage.environment_for(folder, saving)
        open_things.enter_context(
            stage.process(saving, "mentorbot", "run", environment=environment)
        )
        open_things.enter_context(stage.process(acking, "benchmarks.bare_app", "socket", *tokens))
        paced = measure_wire(saving, acking, forms, asked.rounds, PAUSE_SECONDS)
        back_to_back = measure_wire(saving, acking, forms, asked.rounds, 0)
        at_once = measure_at_once(saving, forms, asked.waves)
        check_all_saved(bot, saving.workspace_id, saved)
        disk_ms = fsync_ms(folder)
        bot.store.close()
    _publish(asked.rounds, paced, back_to_back, in_process, at_once, disk_ms)


def measure_dispatch(
    bot: MentorBot, acking: Sandbox, forms: Forms, rounds: int
) -> dict[str, list[float]]:
    """Both apps in this process, without a wire."""
    runs = {
        "bare": _dispatching(bare_app(acking.api_url, acking.bot_token), forms),
        "saving": _dispatching(create_app(bot), forms),
    }
    interleaved(WARM_UP, **runs)
    return interleaved(rounds, **runs)


def _dispatching(app: App, forms: Forms) -> Callable[[], None]:
    def dispatch() -> None:
        answer = app.dispatch(BoltRequest(body=forms.next(), mode="socket_mode"))
        if answer.status != 200:
            raise RuntimeError(f"the form was answered with {answer.status}")

    return dispatch


def measure_wire(
    saving: Sandbox, acking: Sandbox, forms: Forms, rounds: int, pause_seconds: float
) -> dict[str, list[float]]:
    """Both apps in processes of their own, over Socket Mode."""

    def bare() -> None:
        acking.interact("interactive", forms.next())

    def save() -> None:
        _submit(saving, forms.next())

    interleaved(WARM_UP, bare=bare, saving=save)
    return interleaved(rounds, pause_seconds=pause_seconds, bare=bare, saving=save)


def measure_at_once(saving: Sandbox, forms: Forms, waves: int) -> list[float]:
    """Fifty people at a time send their forms at the same moment."""

    def submit(form: dict[str, Any]) -> float:
        return seconds(lambda: _submit(saving, form))

    times: list[float] = []
    with ThreadPoolExecutor(IN_FLIGHT) as hands:
        for _wave in range(waves):
            times += hands.map(submit, [forms.next() for _person in range(IN_FLIGHT)])
    return times


def _submit(sandbox: Sandbox, form: dict[str, Any]) -> None:
    answer = sandbox.interact("interactive", form) or {}
    if answer.get("response_action") != "update":
        raise RuntimeError(f"the form was not saved: {json.dumps(answer)[:300]}")


def check_all_saved(bot: MentorBot, workspace_id: str, expected: int) -> None:
    """Raises RuntimeError unless every form that was answered is in the database."""
    with bot.store.read(workspace_id) as tx:
        found = tx.session.scalar(
            select(func.count()).where(tables.participants.c.draft.is_not(None))
        )
    if found != expected:
        raise RuntimeError(f"{expected} forms were answered, {found} are saved")


def _publish(
    rounds: int,
    paced: dict[str, list[float]],
    back_to_back: dict[str, list[float]],
    in_process: dict[str, list[float]],
    at_once: list[float],
    disk_ms: float,
) -> None:
    found = {
        "paced": _compared(paced),
        "back_to_back": _compared(back_to_back),
        "dispatch": _compared(in_process),
    }
    ratio = max(found["paced"]["ratio"], found["back_to_back"]["ratio"])
    p99_ms = percentile_ms(at_once, 99)
    figures = {
        "rounds": rounds,
        "ratio": ratio,
        **found,
        "in_flight": IN_FLIGHT,
        "in_flight_median_ms": median_ms(at_once),
        "in_flight_p99_ms": p99_ms,
        "fsync_ms": disk_ms,
    }
    publish(
        "listener_overhead",
        figures,
        f"ratio {ratio:.2f}; target at most {MOST_TIMES:g}: {verdict(ratio <= MOST_TIMES)}\n"
        f"  over Socket Mode, paced: {_in_words(found['paced'])}\n"
        f"  over Socket Mode, back to back: {_in_words(found['back_to_back'])}\n"
        f"  dispatch alone, in one process: {_in_words(found['dispatch'])};"
        f" one fsync takes {disk_ms:.2f} ms\n"
        f"  {IN_FLIGHT} in flight: p99 {p99_ms:.0f} ms;"
        f" target under {MOST_P99_MS} ms: {verdict(p99_ms < MOST_P99_MS)}",
    )


def _compared(times: dict[str, list[float]]) -> dict[str, float]:
    saving_ms, bare_ms = median_ms(times["saving"]), median_ms(times["bare"])
    return {
        "saving_ms": saving_ms,
        "bare_ms": bare_ms,
        "ratio": saving_ms / bare_ms,
        "saving_p99_ms": percentile_ms(times["saving"], 99),
        "bare_p99_ms": percentile_ms(times["bare"], 99),
    }


def _in_words(found: dict[str, float]) -> str:
    return (
        f"ratio {found['ratio']:.2f}"
        f" (saving {found['saving_ms']:.2f} ms, bare {found['bare_ms']:.2f} ms)"
    )


if __name__ == "__main__":
    main()
