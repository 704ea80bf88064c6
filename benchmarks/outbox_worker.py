"""A worker of the throughput benchmark: takes up messages or jobs until none is left.

It says that it is ready, waits for a line on its standard input, works, and says that it is done.
"""

import asyncio
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime

from procrastinate import App, PsycopgConnector

from mentorbot.domain.messages import MessageState
from mentorbot.slack.delivery import SLICE
from mentorbot.storage import lanes, people, sending
from mentorbot.storage.store import Store, open_engine

LEASE_SECONDS = 30.0
QUEUE = "messages"


def settle_all(database_url: str, sender: str, threads: str, workspaces: str) -> None:
    """Claim and settle what is due in some workspaces, as delivery does, and send it nowhere."""
    store = Store(open_engine(database_url), lambda: "unused")
    mine = workspaces.split(",")
    hands = [
        threading.Thread(target=_settle, args=(store, sender, mine[number :: int(threads)]))
        for number in range(int(threads))
    ]
    _when_told(lambda: [hand.start() for hand in hands] and [hand.join() for hand in hands])
    store.close()


def _settle(store: Store, sender: str, workspaces: list[str]) -> None:
    for workspace_id in workspaces:
        endings = _claim(store, sender, workspace_id, [])
        while endings:
            endings = _claim(store, sender, workspace_id, endings)


def _claim(
    store: Store, sender: str, workspace_id: str, endings: list[sending.Ending]
) -> list[sending.Ending]:
    """Settle a slice, claim the next, and call it sent."""
    now = datetime.now(UTC)
    with store.begin(workspace_id) as tx:
        sending.settle(tx, endings)
        if lanes.hold(tx, sender, now, LEASE_SECONDS) is None:
            raise RuntimeError("somebody else holds the lane")
        sending.repeat_unknown(tx, now)
        found = sending.claim(tx, sender, now, LEASE_SECONDS, SLICE).messages
        people.dms(tx, [one.recipients[0] for one in found])
        if not found:
            lanes.give_back(tx, sender)
    return [sending.Ending(one, MessageState.SENT, datetime.now(UTC), "1.0") for one in found]


def no_op_app(conninfo: str) -> App:
    """Procrastinate with a task that does nothing."""
    app = App(connector=PsycopgConnector(conninfo=conninfo))

    @app.task(name="nothing", queue=QUEUE)
    async def nothing(number: int) -> None:
        """The job."""

    return app


def run_all_jobs(conninfo: str, concurrency: str) -> None:
    """Run jobs until none is left."""

    async def work() -> None:
        async with app.open_async():
            await app.run_worker_async(
                queues=[QUEUE],
                concurrency=int(concurrency),
                wait=False,
                listen_notify=False,
                install_signal_handlers=False,
            )

    app = no_op_app(conninfo)
    _when_told(lambda: asyncio.run(work()))


def _when_told(work: Callable[[], object]) -> None:
    print("ready", flush=True)
    sys.stdin.readline()
    work()
    print("done", flush=True)


if __name__ == "__main__":
    {"messages": settle_all, "jobs": run_all_jobs}[sys.argv[1]](*sys.argv[2:])
