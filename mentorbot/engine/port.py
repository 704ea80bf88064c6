"""The engine's port: the ledger of what is due is ours, an engine only says who looks when."""

from concurrent.futures import Future
from typing import Protocol


class Work(Protocol):
    """What there is to do in a workspace."""

    def catch_up(self, workspace_id: str) -> int:
        """Do what time has brought; returns how much there was, 0 when nothing is left."""

    def send(self, workspace_id: str) -> Future[int]:
        """Begin to send what is due, and return at once; how many messages it was, in the end."""


class Engine(Protocol):
    """What an engine promises; one contract suite holds every engine to it.

    Work that is killed in the middle is done again by whoever comes next; that nothing is said
    twice is the outbox's affair.
    """

    def start(self) -> None:
        """Begin to take up work; returns at once."""

    def stop(self) -> None:
        """Finish the work in hand and take up no more; harmless where it never started."""

    def wake(self, workspace_id: str) -> None:
        """See that somebody looks at a workspace soon; again is harmless."""

    def look(self) -> None:
        """Look at every workspace for what has become due; the heartbeat calls it.

        Raises what a database raises that is away.
        """
