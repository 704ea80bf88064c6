"""The pace in one workspace: what Slack allows, kept to in advance, and what it says, obeyed.

Slack allows a message a second in a conversation, some hundreds a minute in a workspace, and of
other methods what their tier says: https://docs.slack.dev/apis/web-api/rate-limits
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

EVERYTHING = ""
"""The name of a wait that concerns the whole workspace."""
PER_MINUTE = {
    "conversations.open": 50,
    "conversations.history": 50,
    "files.info": 100,
    "files.getUploadURLExternal": 100,
    "files.completeUploadExternal": 100,
    "users.lookupByEmail": 50,
}
CONVERSATION_SECONDS = 1.0
BURST_CALLS = 10
"""How many calls of a method may follow at once upon a quiet minute."""
BURST_SECONDS = 1.0
"""For how long a workspace may be ahead of its ceiling, so that a late thread costs nothing."""
MOST_REMEMBERED = 1000
PROBE_AFTER = 3
"""So many calls in a row that find no Slack mean that it is away."""
LONGEST_HOLD_SECONDS = 60.0


@dataclass(frozen=True)
class Errand:
    """What a message will ask of Slack: a place in a conversation, and calls of other methods."""

    conversation: str
    methods: tuple[str, ...] = ()

    def names(self) -> Iterable[str]:
        """What Slack may tell it to wait for."""
        return (EVERYTHING, self.conversation, *self.methods)


class Pace:
    """When an errand may go, by monotonic seconds; guarded by the lock of the lanes.

    `per_minute` is the workspace's ceiling; 0 means that only what Slack says is obeyed. What Slack
    says is kept by `clock`, because the database is told of it too.
    """

    def __init__(self, per_minute: int, clock: Callable[[], datetime]) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._used_until: dict[str, float] = {}
        self._holds: dict[str, tuple[datetime, datetime]] = {}
        self._failures = 0

    def ready_at(self, errand: Errand) -> float:
        """The first instant at which our own pace lets an errand go."""
        if not self._per_minute:
            return 0.0
        return max(self._used_until.get(name, 0.0) - slack for name, _, slack in self._uses(errand))

    def ceiling_at(self) -> float:
        """The first instant at which the workspace's ceiling lets anything go."""
        return self._used_until.get(EVERYTHING, 0.0) - BURST_SECONDS if self._per_minute else 0.0

    def went(self, errand: Errand, now: float) -> None:
        """Count an errand that goes now."""
        if not self._per_minute:
            return
        for name, interval_seconds, _slack in self._uses(errand):
            self._used_until[name] = max(self._used_until.get(name, 0.0), now) + interval_seconds
        if len(self._used_until) > MOST_REMEMBERED:
            used_until = self._used_until.items()
            self._used_until = {name: until for name, until in used_until if until > now}

    def _uses(self, errand: Errand) -> list[tuple[str, float, float]]:
        """What an errand uses up: a name, seconds for each use, seconds to be ahead."""
        methods = [(name, 60 / PER_MINUTE[name]) for name in errand.methods]
        return [
            (EVERYTHING, 60 / self._per_minute, BURST_SECONDS),
            (errand.conversation, CONVERSATION_SECONDS, 0.0),
            *((name, seconds, BURST_CALLS * seconds) for name, seconds in methods),
        ]

    def hold(self, name: str, seconds: float) -> None:
        """Slack said how long to wait with a conversation, a method or everything."""
        now = self._clock()
        self._holds[name] = (now, now + timedelta(seconds=seconds))

    def held_until(self, errand: Errand) -> datetime | None:
        """Until when Slack has told an errand to wait; None when it has not."""
        if not self._holds:
            return None
        self._drop_past_holds()
        found = [self._holds[name][1] for name in errand.names() if name in self._holds]
        return max(found, default=None)

    @property
    def is_held(self) -> bool:
        """Whether the whole workspace waits."""
        self._drop_past_holds()
        return EVERYTHING in self._holds

    def _drop_past_holds(self) -> None:
        """A hold from a time to come was made by a clock that has been set back since."""
        now, holds = self._clock(), self._holds.items()
        self._holds = {name: hold for name, hold in holds if hold[0] <= now < hold[1]}

    def found_slack(self) -> None:
        """A call was answered."""
        self._failures = 0

    def found_no_slack(self) -> None:
        """A call found Slack away; after some, everything waits, ever longer, up to a minute."""
        self._failures += 1
        if self.is_away:
            doublings = min(self._failures - PROBE_AFTER, 6)
            seconds = min(2.0**doublings, LONGEST_HOLD_SECONDS)
            self.hold(EVERYTHING, seconds)

    @property
    def is_away(self) -> bool:
        """Whether Slack should be asked for a sign of life before a message is risked."""
        return self._failures >= PROBE_AFTER
