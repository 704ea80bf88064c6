"""Replicas of the bot: processes that take what Slack delivers, killed and started again."""

import multiprocessing
import os
import socket
import sys
import threading
import time
from multiprocessing import connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from mentorbot.config import Settings
from mentorbot.running import run_http, run_socket_mode

_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload([__name__, "mentorbot.engine.procrastinate"])
START_SECONDS = 60.0


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _serve(settings: Settings, log: Path) -> None:
    """`mentorbot serve`, or `mentorbot run` where there is no port, with its log in a file."""
    threading.Thread(target=_die_with_the_run, daemon=True).start()
    os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND), sys.stderr.fileno())
    (run_http if settings.mentorbot_port else run_socket_mode)(settings)


def _die_with_the_run() -> None:
    run = multiprocessing.parent_process()
    if run is not None:
        connection.wait([run.sentinel])
        os._exit(1)


class Replica:
    """One of several processes over the same database, at an address of its own."""

    def __init__(self, settings: Settings, log: Path) -> None:
        self._settings, self._log = settings, log
        self._process: BaseProcess | None = None

    def start(self) -> None:
        """Begin to serve, in a process that has everything imported."""
        self._process = _FORKING.Process(target=_serve, args=(self._settings, self._log))
        self._process.start()

    def wait_until_listening(self) -> None:
        """Until connections are taken; raises TimeoutError."""
        give_up_at = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up_at:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._settings.mentorbot_port)) == 0:
                    return
            time.sleep(0.05)
        raise TimeoutError(f"a replica did not start; its log is {self._log}")

    def kill(self) -> None:
        """SIGKILL; wait until it is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.join()

    def stop(self) -> None:
        """SIGTERM; SIGKILL where that does not end it soon."""
        if self._process is not None:
            self._process.terminate()
            self._process.join(30)
            self.kill()
