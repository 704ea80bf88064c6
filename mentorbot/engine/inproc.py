"""The engine of one process: whoever looks catches up, one workspace after the other.

What is to be sent is begun and not waited for, so that a workspace with much to say keeps no other
waiting, nor what time brings.
"""

import threading
from concurrent.futures import Future
from functools import partial

import structlog

from mentorbot.bootstrap import MentorBot
from mentorbot.engine.port import Work
from mentorbot.storage.store import DATABASE_AWAY, reason

log = structlog.get_logger(__name__)


class InProcess:
    """Catches up in the thread that looks; to be woken is to let the heartbeat look at once."""

    def __init__(self, bot: MentorBot, work: Work) -> None:
        self._bot = bot
        self._work = work
        self._working = threading.Lock()
        self._stopping = threading.Event()

    def start(self) -> None:
        """Nothing to do: the heartbeat's threads are the engine's."""

    def stop(self) -> None:
        """Finish the workspace in hand, take up no more."""
        self._stopping.set()
        with self._working:
            log.debug("engine.stopped")

    def wake(self, workspace_id: str) -> None:
        """Let the heartbeat beat now."""
        log.debug("engine.woken", workspace=workspace_id)
        self._bot.knock.set()

    def look(self) -> None:
        """Do what time has brought, and begin to send what is due."""
        with self._working:
            for workspace_id in self._bot.store.workspace_ids():
                if self._stopping.is_set():
                    return
                self._look_at(workspace_id)

    def _look_at(self, workspace_id: str) -> None:
        try:
            self._work.catch_up(workspace_id)
            sent = self._work.send(workspace_id)
            sent.add_done_callback(partial(_note_failure, workspace_id))
        except DATABASE_AWAY:
            raise
        except Exception:  # one bad workspace never stops the others
            log.exception("engine.failed", workspace=workspace_id)


def _note_failure(workspace_id: str, sent: Future[int]) -> None:
    error = sent.exception()
    if isinstance(error, DATABASE_AWAY):
        log.warning("engine.interrupted", workspace=workspace_id, error=reason(error))
    elif error is not None:
        log.error("engine.failed", workspace=workspace_id, exc_info=error)
