"""Lanes in hand: a few threads shared out among the workspaces in which something is to be sent.

A thread takes the lane that has been ready longest, takes one step in it, and comes back: a lane
that has to wait holds no thread, and a busy one keeps no other waiting. Several messages of a lane
may be on their way at once, but never two to one conversation. What was posted is settled together,
with the next claim or soon: until then its intents stand.
"""

import math
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from mentorbot.domain.messages import Message
from mentorbot.slack.pace import Errand, Pace
from mentorbot.storage.sending import Ending

MOST_IN_HAND = 100
MOST_UNSETTLED = 20
SETTLE_SECONDS = 0.25
"""How long what was posted waits at most for more to be settled with it."""
NEVER = math.inf
Wait = Callable[[threading.Condition, float | None], object]
"""Waits on a condition for some seconds, or until it is notified."""


@dataclass(eq=False)
class InHand:
    """A claimed message, what it asks of Slack, and its lease's end, also in monotonic seconds."""

    message: Message
    errand: Errand
    lease_until: float
    lease_until_at: datetime


def _urgency(one: InHand) -> tuple[int, datetime, datetime, str]:
    it = one.message
    return (it.priority, it.not_before_at, it.created_at, it.message_id)


@dataclass(frozen=True)
class Step:
    """What a thread does next: send a message, put some off, settle some, or claim more.

    `is_last_claim` says that nothing else of the lane is in anybody's hands.
    """

    send: InHand | None = None
    put_off: Sequence[InHand] = ()
    settles: bool = False
    is_last_claim: bool = False


class Lane:
    """A workspace's claimed messages; guarded by the lock of the lanes.

    `is_held` tells that the database says that the lane is ours; with `recover_from` its messages
    are looked for in Slack before they are sent. `endings` are still to be settled.
    """

    def __init__(self, workspace_id: str, pace: Pace, now: float) -> None:
        self.workspace_id = workspace_id
        self.pace = pace
        self.done: Future[int] = Future()
        self.hand: list[InHand] = []
        self.under_way: list[InHand] = []
        self.endings: list[Ending] = []
        self.may_have_more = True
        self.is_busy = False
        self.is_given_back = False
        self.is_held = False
        self.recover_from: datetime | None = None
        self.count = 0
        self.ready_at = now
        self._taken_at = now
        self._settle_by = NEVER

    @property
    def is_idle(self) -> bool:
        """Whether nothing of it is in anybody's hands; some may be left to settle."""
        return not (self.hand or self.under_way or self.is_busy)

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to do."""
        return self.is_idle and self.is_given_back and not (self.may_have_more or self.endings)

    def rethink(self, now: float) -> None:
        """Work out when its next step may be taken."""
        if self.is_idle and not self.is_given_back:
            self.may_have_more = True
        if self._held() or self._wants_more(now):
            self.ready_at = self._taken_at
        else:
            self.ready_at = max(self._taken_at, min(self._first_at(), self._settles_at()))

    def take(self, now: float) -> Step | None:
        """The next step; None where it turns out that there is none yet."""
        self._taken_at = now
        if held := self._held():
            self.hand = [one for one in self.hand if one not in held]
            self.is_busy = True
            return Step(put_off=held)
        if self._wants_more(now):
            self.is_busy, self.may_have_more = True, False
            return Step(is_last_claim=not (self.hand or self.under_way))
        if self._settles_at() <= now:
            self.is_busy = True
            return Step(settles=True)
        for one in self.hand:
            if self._may_go(one) and self.pace.ready_at(one.errand) <= now:
                self.hand.remove(one)
                self.under_way.append(one)
                self.pace.went(one.errand, now)
                return Step(send=one)
        return None

    def add(self, claimed: Sequence[InHand]) -> None:
        """Put more into the hand, the most urgent first."""
        self.count += len(claimed)
        self.hand = sorted([*self.hand, *claimed], key=_urgency)

    def ends(self, ending: Ending, now: float) -> None:
        """Keep how a message ended until it is settled."""
        if not self.endings:
            self._settle_by = now + SETTLE_SECONDS
        self.endings.append(ending)

    def settled(self, endings: Sequence[Ending], now: float) -> None:
        """What has ended meanwhile waits for its own turn."""
        self.endings = [one for one in self.endings if one not in endings]
        self._settle_by = now + SETTLE_SECONDS

    def _settles_at(self) -> float:
        """When to settle: at once where much waits for it, or nothing else is to be done."""
        if self.is_busy or not self.endings:
            return NEVER
        is_rest = not (self.hand or self.under_way)
        return 0.0 if is_rest or len(self.endings) >= MOST_UNSETTLED else self._settle_by

    def _held(self) -> list[InHand]:
        if self.is_busy:
            return []
        return [one for one in self.hand if self.pace.held_until(one.errand) is not None]

    def _may_go(self, one: InHand) -> bool:
        return all(one.errand.conversation != it.errand.conversation for it in self.under_way)

    def _first_at(self) -> float:
        """When the first message in hand may go."""
        going = (self.pace.ready_at(one.errand) for one in self.hand if self._may_go(one))
        return min(going, default=NEVER)

    def _wants_more(self, now: float) -> bool:
        """Whether to claim: where the ceiling would let something go that is not in hand yet."""
        if self.is_busy or not self.may_have_more or len(self.hand) >= MOST_IN_HAND:
            return False
        return self._first_at() > max(now, self.pace.ceiling_at())


class Worker(Protocol):
    """What the threads do; each may raise what a database raises that is away.

    Whatever writes settles what is left to settle.
    """

    def claim(self, lane: Lane, is_last: bool) -> list[InHand] | None:
        """More messages; None where the lane is not ours, or nothing may be sent in it now.

        Where there are none and it `is_last`, the lane is given back.
        """

    def deliver(self, lane: Lane, one: InHand) -> Ending | None:
        """Bring one message to an end, still to be settled, or to a wait."""

    def settle(self, lane: Lane) -> None:
        """Settle what is left to settle."""

    def put_off(self, lane: Lane, some: Sequence[InHand]) -> None:
        """Give back messages that Slack holds up, until then."""

    def give_back(self, lane: Lane, some: Sequence[InHand]) -> None:
        """Give back messages that were not sent, and the lane; never raises."""


class Lanes:
    """The lanes in hand and the threads that serve them; threads end when there is no lane."""

    def __init__(
        self, worker: Worker, senders: int, seconds: Callable[[], float], wait: Wait
    ) -> None:
        self._worker = worker
        self._senders = senders
        self._seconds = seconds
        self._wait = wait
        self._lanes: dict[str, Lane] = {}
        self._threads = 0
        self._is_stopping = False
        self.changed = threading.Condition()

    def hand_over(self, workspace_id: str, pace: Pace) -> Future[int]:
        """Begin to send what is due in a workspace, or see that what came meanwhile is sent too.

        The future gives the number of messages taken up, or raises what stopped the lane.
        """
        with self.changed:
            if self._is_stopping:
                return nothing_done()
            now = self._seconds()
            lane = self._lanes.get(workspace_id)
            if lane is None:
                lane = self._lanes[workspace_id] = Lane(workspace_id, pace, now)
            lane.may_have_more = True
            lane.rethink(now)
            while self._threads < self._senders:
                self._threads += 1
                threading.Thread(target=self._serve, name="sender", daemon=True).start()
            self.changed.notify_all()
            return lane.done

    def has(self, workspace_id: str) -> bool:
        """Whether a workspace's lane is in hand."""
        with self.changed:
            return workspace_id in self._lanes

    def stop(self) -> None:
        """Let what is under way come to its end, and give back the rest."""
        with self.changed:
            self._is_stopping = True
            self.changed.notify_all()
            while self._threads:
                self.changed.wait()
            lanes, self._lanes = list(self._lanes.values()), {}
        for lane in lanes:
            self._give_back(lane)
            lane.done.set_result(lane.count)

    def _serve(self) -> None:
        while (step := self._next_step()) is not None:
            step()

    def _next_step(self) -> Callable[[], None] | None:
        with self.changed:
            while self._lanes and not self._is_stopping:
                now = self._seconds()
                lane = min(self._lanes.values(), key=lambda lane: lane.ready_at)
                if lane.ready_at <= now:
                    step = lane.take(now)
                    lane.rethink(now)
                    if step is not None:
                        return partial(self._attempt, lane, step)
                    continue
                wait_seconds = None if lane.ready_at == NEVER else lane.ready_at - now
                self._wait(self.changed, wait_seconds)
            self._threads -= 1
            self.changed.notify_all()
            return None

    def _attempt(self, lane: Lane, step: Step) -> None:
        """Take a step; a lane whose database is away is dropped, and taken up again by leases."""
        error: Exception | None = None
        try:
            self._take(lane, step)
        except Exception as raised:
            error = raised
        if error is not None or not self._is_served(lane):
            self._give_back(lane)
        with self.changed:
            if self._lanes.get(lane.workspace_id) is lane:
                self._go_on(lane, error)
            self.changed.notify_all()

    def _is_served(self, lane: Lane) -> bool:
        """Whether anybody takes another step in it: not where another thread dropped it."""
        with self.changed:
            return self._lanes.get(lane.workspace_id) is lane

    def _take(self, lane: Lane, step: Step) -> None:
        if step.send is not None:
            self._deliver(lane, step.send)
        elif step.put_off:
            self._worker.put_off(lane, step.put_off)
            with self.changed:
                lane.is_busy = False
        elif step.settles:
            self._worker.settle(lane)
            with self.changed:
                lane.is_busy = False
        else:
            self._claim(lane, step.is_last_claim)

    def _go_on(self, lane: Lane, error: Exception | None) -> None:
        lane.rethink(self._seconds())
        if error is None and not lane.is_over:
            return
        del self._lanes[lane.workspace_id]
        if error is not None:
            lane.done.set_exception(error)
        else:
            lane.done.set_result(lane.count)

    def _claim(self, lane: Lane, is_last: bool) -> None:
        claimed = self._worker.claim(lane, is_last)
        if claimed is None:
            self._give_back(lane)
            return
        with self.changed:
            lane.is_busy = False
            lane.add(claimed)
            lane.may_have_more = lane.may_have_more or bool(claimed)
            lane.is_given_back = is_last and not claimed

    def _give_back(self, lane: Lane) -> None:
        with self.changed:
            rest, lane.hand = lane.hand, []
        self._worker.give_back(lane, rest)
        with self.changed:
            lane.is_busy = lane.may_have_more = False
            lane.is_given_back = True

    def _deliver(self, lane: Lane, one: InHand) -> None:
        ending: Ending | None = None
        try:
            ending = self._worker.deliver(lane, one)
        finally:
            with self.changed:
                lane.under_way.remove(one)
                if ending is not None:
                    lane.ends(ending, self._seconds())


def nothing_done() -> Future[int]:
    """A future of nothing to do."""
    done: Future[int] = Future()
    done.set_result(0)
    return done
