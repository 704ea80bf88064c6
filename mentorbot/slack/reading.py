"""Reading the files that were handed in: one after another, beside the heartbeat."""

import threading
from collections.abc import Callable, Sequence
from io import BytesIO

import structlog
from slack_sdk import WebClient

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.errors import Refusal
from mentorbot.domain.imports import Columns, Rejected
from mentorbot.domain.model import Role
from mentorbot.domain.table_files import Table
from mentorbot.intake import BOTH, Order, Watch, import_applications, import_list
from mentorbot.slack.uploads import fetch
from mentorbot.storage import imports
from mentorbot.storage.imports import Run
from mentorbot.storage.store import DATABASE_AWAY
from mentorbot.usecases import handing_in
from mentorbot.usecases.handing_in import COLUMN, MOST_TRIES, REPLACE

log = structlog.get_logger(__name__)
MOST_BYTES = 50_000_000


class _Interrupted(Exception):
    """The process stops, or somebody else has the file now."""


class Reader:
    """Reads what is waiting in a workspace, in a thread of its own for as long as there is any."""

    def __init__(self, bot: MentorBot, client_for: Callable[[str], WebClient | None]) -> None:
        self._bot = bot
        self._client_for = client_for
        self._stopping = threading.Event()
        self._threads: dict[str, threading.Thread] = {}

    def look(self, workspace_id: str) -> None:
        """Begin to read where a file waits and none is being read."""
        thread = self._threads.get(workspace_id)
        if self._stopping.is_set() or (thread is not None and thread.is_alive()):
            return
        with self._bot.store.read(workspace_id) as tx:
            is_waiting = imports.waiting(tx, self._bot.clock()) is not None
        if is_waiting:
            thread = threading.Thread(target=self._run, args=(workspace_id,), name="reader")
            self._threads[workspace_id] = thread
            thread.start()

    def stop(self) -> None:
        """Give back what is being read; what was taken in stays."""
        self._stopping.set()
        for thread in list(self._threads.values()):
            thread.join()

    def _run(self, workspace_id: str) -> None:
        try:
            self.read_all(workspace_id)
        except Exception:  # the file is held until its time is over, and taken up again then
            log.exception("reading.failed", workspace=workspace_id)

    def read_all(self, workspace_id: str) -> int:
        """Read every file that waits; returns how many."""
        count = 0
        while (client := self._client_for(workspace_id)) and not self._stopping.is_set():
            with self._bot.store.begin(workspace_id) as tx:
                run = handing_in.take(tx, self._bot.clock())
            if run is None:
                break
            self._read(workspace_id, client, run)
            self._bot.knock.set()
            count += 1
        return count

    def _read(self, workspace_id: str, client: WebClient, run: Run) -> None:
        try:
            self._import(workspace_id, client, run)
        except _Interrupted:
            with self._bot.store.begin(workspace_id) as tx:
                handing_in.give_back(tx, run, self._bot.clock())
        except DATABASE_AWAY:
            raise
        except Refusal as refusal:
            self._refuse(workspace_id, run, refusal)
        except Exception:
            log.exception("import.failed", workspace=workspace_id, run=run.run_id)
            if run.tries >= MOST_TRIES:
                self._refuse(workspace_id, run, Refusal())

    def _import(self, workspace_id: str, client: WebClient, run: Run) -> None:
        stream = BytesIO(fetch(client, run.file_id, MOST_BYTES))
        way, _, list_id = run.what.partition(" ")
        if list_id:
            replaces = way == REPLACE
            found = import_list(
                self._bot,
                workspace_id,
                run.programme_id,
                list_id,
                stream,
                run.asked_by,
                replaces=replaces,
            )
            with self._bot.store.begin(workspace_id) as tx:
                handing_in.listed(tx, run, list_id, found, self._bot.clock())
            return
        roles = BOTH if run.what == COLUMN else (Role(run.what),)
        unmatched: list[str] = []

        def begun(_table: Table, columns: Columns) -> None:
            unmatched.extend(name for name, _nearest in columns.unmatched)

        def went_on(_rejected: Sequence[Rejected], _read: int) -> None:
            self._go_on(workspace_id, run)

        order = Order(workspace_id, run.programme_id, roles, run.asked_by)
        report = import_applications(self._bot, order, stream, Watch(begun, went_on))
        with self._bot.store.begin(workspace_id) as tx:
            handing_in.done(tx, run, report, unmatched, self._bot.clock())

    def _go_on(self, workspace_id: str, run: Run) -> None:
        with self._bot.store.begin(workspace_id) as tx:
            is_ours = handing_in.go_on(tx, run, self._bot.clock())
        if self._stopping.is_set() or not is_ours:
            raise _Interrupted

    def _refuse(self, workspace_id: str, run: Run, refusal: Refusal) -> None:
        with self._bot.store.begin(workspace_id) as tx:
            handing_in.refused(tx, run, refusal, self._bot.clock())
