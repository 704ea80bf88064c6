"""A process that has imported everything once and forks senders, so that a death costs little.

Orders come as lines of JSON on standard input. Only what it has forked, and not yet buried, is
ever signalled. When its input ends, its children die with it.
"""

import importlib
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any

from tests.faults.chaos.clock import QuickClock
from tests.faults.chaos.worker import Job, write_log_to

Work = Callable[[Job], None]


class Nursery:
    """Children by name."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._children: dict[str, int] = {}

    def obey(self, order: dict[str, Any]) -> dict[str, Any]:
        """Spawn, kill, stop or continue one, or bury those that died by themselves."""
        name = order.get("name", "")
        if order["act"] == "spawn":
            clock = QuickClock(**order.pop("clock"))
            order.pop("act")
            self._spawn(Job(clock=clock, **order))
        elif order["act"] == "bury":
            return {"dead": self._bury()}
        elif name in self._children:
            number = getattr(signal, order["act"])
            os.kill(self._children[name], number)
            if number == signal.SIGKILL:
                os.waitpid(self._children.pop(name), 0)
        return {"alive": len(self._children)}

    def _spawn(self, job: Job) -> None:
        child = os.fork()
        if child:
            self._children[job.name] = child
            return
        try:
            sys.stdin.close()
            write_log_to(job.log)
            self._work(job)
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)
        os._exit(0)

    def _bury(self) -> list[str]:
        dead = [
            name
            for name, child in self._children.items()
            if os.waitpid(child, os.WNOHANG) != (0, 0)
        ]
        for name in dead:
            del self._children[name]
        return dead

    def close(self) -> None:
        """Kill and bury everybody."""
        for child in self._children.values():
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _work_named(name: str) -> Work:
    module, _, function = name.partition(":")
    found: Work = getattr(importlib.import_module(module), function)
    return found


def main(name: str) -> None:
    """Obey until standard input ends."""
    nursery = Nursery(_work_named(name))
    try:
        while line := sys.stdin.readline():
            sys.stdout.write(json.dumps(nursery.obey(json.loads(line))) + "\n")
            sys.stdout.flush()
    finally:
        nursery.close()


if __name__ == "__main__":
    main(sys.argv[1])
