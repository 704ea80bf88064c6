"""The engine of one process: whoever looks does the work, one workspace after the other."""

import threading

import structlog

from mentorbot.bootstrap import MentorBot
from mentorbot.engine.port import Work
from mentorbot.storage.store import DATABASE_AWAY

log = structlog.get_logger(__name__)


class InProcess:
    """Works in the thread that looks; to be woken is to let the heartbeat look at once."""

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
        """Do everything that is due."""
        with self._working:
            for workspace_id in self._bot.store.workspace_ids():
                if self._stopping.is_set():
                    return
                self._look_at(workspace_id)

    def _look_at(self, workspace_id: str) -> None:
        try:
            self._work(workspace_id)
        except DATABASE_AWAY:
            raise
        except Exception:  # one bad workspace never stops the others
            log.exception("engine.failed", workspace=workspace_id)
