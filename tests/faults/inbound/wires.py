"""How payloads reach the replicas: as Slack delivers, and more often and in another order."""

import asyncio
from collections import Counter
from random import Random
from typing import Protocol

from mentorbot.sandbox.deliveries import Answer, EnvelopeKind, Retry
from mentorbot.sandbox.errors import NoAnswer
from mentorbot.sandbox.records import Json
from mentorbot.sandbox.server import Sandbox
from tests.faults.inbound.acts import Act

ANSWER_SECONDS = 3.0
"""Slack waits this long for an answer."""
MOST_COPIES = 4
LATEST_SECONDS = 4.0
MOST_AT_ONCE = 16


class Wire(Protocol):
    """One way to a replica."""

    async def deliver(
        self, kind: EnvelopeKind, payload: Json, retry: Retry | None, timeout_seconds: float
    ) -> Answer:
        """Hand a payload over, once."""


class SocketWire:
    """The workspace's Socket Mode connections, whichever is next."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def deliver(
        self, kind: EnvelopeKind, payload: Json, _retry: Retry | None, timeout_seconds: float
    ) -> Answer:
        """Hand a payload over, once."""
        self._sandbox.answer_timeout_seconds = timeout_seconds
        try:
            return Answer(True, await asyncio.to_thread(self._sandbox.interact, kind, payload))
        except NoAnswer as error:
            return Answer(False, reason=str(error))


class Deliveries:
    """Delivers each payload one to four times, some copies at once, the rest among later acts."""

    def __init__(self, wires: list[Wire], chance: Random, retry_seconds: tuple[float, ...]) -> None:
        self._wires, self._chance, self._retry_seconds = wires, chance, retry_seconds
        self._late: set[asyncio.Task[bool]] = set()
        self._places = asyncio.Semaphore(MOST_AT_ONCE)
        self.acts = 0
        self.counts: Counter[str] = Counter()

    async def deliver(self, act: Act) -> bool:
        """Whether a copy was answered, and the answer was not that something went wrong."""
        copies = self._chance.randint(1, MOST_COPIES)
        at_once = self._chance.randint(1, copies)
        is_done = any(await asyncio.gather(*(self._slack_delivers(act) for _ in range(at_once))))
        self.acts += 1
        self.counts["answered" if is_done else "unsure"] += 1
        if is_done:
            for _copy in range(copies - at_once):
                task = asyncio.create_task(self._delivered_late(act))
                self._late.add(task)
                task.add_done_callback(self._late.discard)
        return is_done

    async def settle(self) -> None:
        """Until the last late copy is through."""
        while self._late:
            await asyncio.gather(*self._late)

    async def _delivered_late(self, act: Act) -> bool:
        await asyncio.sleep(self._chance.random() * LATEST_SECONDS)
        return await self._slack_delivers(act)

    async def _slack_delivers(self, act: Act) -> bool:
        retry: Retry | None = None
        for attempt, wait_seconds in enumerate((*self._retry_seconds, None), start=1):
            async with self._places:
                wire = self._chance.choice(self._wires)
                answer = await wire.deliver(act.kind, act.payload, retry, ANSWER_SECONDS)
            self.counts["deliveries"] += 1
            if answer.ok:
                return not act.is_refused(answer.payload)
            self.counts[answer.reason] += 1
            if wait_seconds is not None:
                await asyncio.sleep(wait_seconds)
                retry = Retry(attempt, answer.reason)
        self.counts["dropped"] += 1
        return False
