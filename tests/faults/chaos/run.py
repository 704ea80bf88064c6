"""The stage of a run: messages are written, senders drain them, blows fall, Slack takes note."""

import random
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from mentorbot.bootstrap import migrate
from mentorbot.domain.messages import MessageState
from mentorbot.storage import outbox, tables
from mentorbot.storage.store import DATABASE_AWAY
from tests.faults.chaos import intents
from tests.faults.chaos.clock import QuickClock
from tests.faults.chaos.databases import Home
from tests.faults.chaos.intents import Intent
from tests.faults.chaos.plan import Blow, Moment
from tests.faults.chaos.processes import Progress, Senders, Slack
from tests.faults.chaos.worker import bot_over

SPEED = 15.0
LEASE_SECONDS = 30.0
DELIVER = "tests.faults.chaos.worker:deliver"
LOOK_SECONDS = 0.025
SAY_SECONDS = 5.0
COUNT_SECONDS = 0.5
INTERRUPTED = threading.Event()
"""Set by an interrupt, which Python forgets where it comes within a finaliser."""
STALL_SECONDS = 90.0
"""What has not arrived when nothing has moved for so long is lost."""
MOST_FAILED = 20
_UNSETTLED = (MessageState.PENDING, MessageState.SENDING)


@dataclass(frozen=True)
class Size:
    """How much is said, by how many, and what is done to them; `faults` is a share of calls."""

    messages: int
    certificates: int = 0
    workspaces: int = 6
    workers: int = 3
    faults: float = 0.0
    seed: int = 7
    blows: dict[Blow, int] = field(default_factory=dict)

    def meant(self) -> list[Intent]:
        """Everything that is to be said: role buttons, certificates, and the rest."""
        names = [intents.workspace_name(number) for number in range(self.workspaces)]
        buttons = [Intent(name, intents.CHANNEL, intents.PLAIN) for name in names]
        papers = [intents.certified(n, self.workspaces) for n in range(self.certificates)]
        rest = range(self.messages - len(buttons) - len(papers))
        return buttons + papers + [intents.marked(n, self.workspaces) for n in rest]


class SendersFailed(Exception):
    """No chaos of ours ends them, and there is nothing to be learnt from going on."""


class Stage:
    """Slack, the database and the senders; a scenario tells what happens to them."""

    def __init__(
        self,
        size: Size,
        home: Home,
        folder: Path,
        say: Callable[[str], object],
        work: str = DELIVER,
    ) -> None:
        self.size, self.home, self.folder, self.say = size, home, folder, say
        self.rng = random.Random(size.seed)
        self.clock = QuickClock(time.monotonic(), SPEED)
        self.blows: dict[Blow, int] = dict.fromkeys(Blow, 0)
        self.struck: list[dict[str, str]] = []
        self.log = folder / "senders.log"
        self._work = work
        self._go_on_at: dict[str, float] = {}
        self._said_at = self._counted_at = 0.0
        self._ending = ExitStack()
        self.slack = Slack(self.clock, size.seed)
        self._ending.callback(self.slack.close)

    def prepare(self, meant: list[Intent]) -> None:
        """Put everything into the outbox, and have senders ready; `play` lets them begin."""
        database = {"mentorbot_lease_seconds": LEASE_SECONDS, **self.home.settings}
        job = {"database": database, "api_url": self.slack.api_url, "log": str(self.log)}
        self.bot = bot_over(database, self.slack.api_url, self.now)
        self._ending.callback(self.bot.store.close)
        migrate(self.bot)
        intents.set_up(self.bot, self.size.workspaces)
        intents.write(self.bot, meant)
        self.senders = Senders(self._work, self.size.workers, job, self.clock)
        self._ending.callback(self.senders.close)

    def go_at(self, speed: float) -> None:
        """Let time flow at another speed; senders that know no better are killed."""
        self.clock = self.senders.clock = self.clock.at_speed(speed)
        self.senders.kill_all()
        self.slack.behave(clock=asdict(self.clock))

    def now(self) -> datetime:
        """The instant on the clock."""
        return self.clock()

    def close(self) -> None:
        """End every process."""
        self._ending.close()

    def unsettled(self) -> int | None:
        """Messages that wait to be sent, or to be looked for again; None with the database away."""
        found, waits = 0, tables.outbox.c.look_again_at.is_not(None)
        try:
            for workspace_id in self.bot.store.workspace_ids():
                with self.bot.store.read(workspace_id) as tx:
                    queues = outbox.queues(tx, self.bot.clock())
                    mine = tables.outbox.c.workspace_id == workspace_id
                    found += tx.session.scalar(select(func.count()).where(mine, waits)) or 0
                found += sum(queue.count for queue in queues if queue.state in _UNSETTLED)
        except DATABASE_AWAY:
            return None
        return found

    def is_drained(self, _progress: Progress) -> bool:
        """Whether nothing waits any more; looked at twice a second, for a look is not free."""
        now = time.monotonic()
        if now - self._counted_at < COUNT_SECONDS:
            return False
        self._counted_at = now
        return self.unsettled() == 0

    def play(self, moments: list[Moment], until: Callable[[Progress], bool]) -> Progress:
        """Let the senders work and the blows fall, until something is so and no blow is left."""
        seen, seen_at = (-1, -1), 0.0
        while True:
            self.senders.fill_up()
            if self.senders.failed > MOST_FAILED:
                last = self.log.read_text(encoding="utf-8").strip().rpartition("\n")[2]
                raise SendersFailed(f"senders die by themselves: {last}")
            if INTERRUPTED.is_set():
                raise KeyboardInterrupt
            progress, now = self.slack.behave(), time.monotonic()
            self._tell(progress, now)
            self._let_go_on(now)
            if moments and moments[0].after <= progress.taken:
                if self._strike(moments[0]):
                    moments.pop(0)
            elif not moments and not self._go_on_at and until(progress):
                return progress
            if (state := (progress.taken, len(moments))) != seen:
                seen, seen_at = state, now
            elif now - seen_at > STALL_SECONDS:
                self.say(f"nothing has moved for {STALL_SECONDS:g} s; what is missing is lost")
                return progress
            time.sleep(LOOK_SECONDS)

    def _strike(self, moment: Moment) -> bool:
        """Let a blow fall; False where there is nobody whom it could befall now."""
        time.sleep(moment.jitter_seconds)
        victim = ""
        if moment.blow is Blow.CRASH:
            self.home.crash(self.rng)
        elif moment.blow is Blow.KILL:
            victim = self.rng.choice(self.senders.names)
            self._go_on_at.pop(victim, None)
            self.senders.kill(victim)
        else:
            awake = [name for name in self.senders.names if name not in self._go_on_at]
            if not awake:
                return False
            victim = self.rng.choice(awake)
            self.senders.stop(victim)
            span = self.clock.real_seconds(LEASE_SECONDS) * self.rng.uniform(1.1, 1.6)
            self._go_on_at[victim] = time.monotonic() + span
        self.blows[moment.blow] += 1
        self._note(moment.blow, victim)
        return True

    def _note(self, what: str, victim: str) -> None:
        self.struck.append({"at": self.now().isoformat(), "what": what, "to": victim})

    def _let_go_on(self, now: float) -> None:
        for name, at in list(self._go_on_at.items()):
            if at <= now:
                del self._go_on_at[name]
                self.senders.go_on(name)
                self._note("goes on", name)

    def _tell(self, progress: Progress, now: float) -> None:
        if now - self._said_at < SAY_SECONDS:
            return
        self._said_at = now
        blows = ", ".join(f"{count} {blow}" for blow, count in self.blows.items())
        self.say(
            f"{progress.taken} of {self.size.messages} taken; {blows};"
            f" {sum(progress.faults.values())} faults, {progress.look_ups} look-ups"
        )
