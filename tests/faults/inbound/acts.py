"""What people do in inbound chaos, as the payloads that Slack sends, and the effect of each.

The acts of one person follow one another; whatever repeats an act comes among the later ones, so
that a repetition which is not recognised undoes them or says something twice.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from mentorbot.domain.model import Role
from mentorbot.programmes import preset
from mentorbot.sandbox import events, interactions
from mentorbot.sandbox.appearance import view_object
from mentorbot.sandbox.deliveries import EnvelopeKind
from mentorbot.sandbox.demo import CHANNEL
from mentorbot.sandbox.inputs import chosen
from mentorbot.sandbox.records import Json, ShownView
from mentorbot.sandbox.server import Sandbox
from mentorbot.slack import blocks, enrolment, ids
from mentorbot.slack.partings import WEEKS_ON_OFFER
from mentorbot.wording import say

FILE = preset("img")
ANSWERS: Json = {
    "specialty": "Paediatrics",
    "level": "Registrar or specialty trainee",
    "place": "Leeds",
    "languages": ["English"],
    "offer": "Exam tips and a friendly ear.",
    "capacity": "1",
    "hopes": "Finding my feet in the NHS.",
}
ZONES = ("Europe/London", "Africa/Lagos", "Asia/Kolkata", "America/Bogota", "Asia/Tokyo")
FAILED = str(say("refusal.unexpected"))


@dataclass(frozen=True)
class Act:
    """One payload: `effect` is what it leaves behind, `is_refused` reads the bot's answer to it."""

    what: str
    kind: EnvelopeKind
    payload: Json
    effect: Any = None
    is_refused: Callable[[Json | None], bool] = lambda _answer: False


@dataclass
class Story:
    """One person's acts, phase by phase.

    `done` were answered; of `unsure`, the last one then, nobody knows what became of it.
    """

    slack_user_id: str
    phases: list[Iterator[Act]]
    done: list[Act] = field(default_factory=list)
    unsure: Act | None = None

    def effects(self, what: str) -> list[Any]:
        """What the answered acts of a kind left behind, in their order."""
        return [act.effect for act in self.done if act.what == what]


class Hands:
    """Makes the payloads of people in a simulated workspace."""

    def __init__(self, sandbox: Sandbox, chance: Random) -> None:
        self.sandbox, self.chance = sandbox, chance
        self._state = sandbox.state
        self._numbers = itertools.count(1)

    def enrols(self, slack_user_id: str, role: Role) -> Iterator[Act]:
        """Send the form of a role, agree to its guidelines."""
        form = enrolment.form_view(FILE, role, None, "en-GB", new=True)
        yield self._submits("form", slack_user_id, form, ANSWERS)
        guidelines = enrolment.guidelines_view(role, FILE.guidelines[role], (), "en-GB")
        yield self._submits("agree", slack_user_id, guidelines, {"acknowledged": ["acknowledged"]})

    def pauses(self, slack_user_id: str, count: int) -> Iterator[Act]:
        """Pause and come back, by word, form and button, again and again."""
        for number in range(count):
            weeks = self.chance.choice(WEEKS_ON_OFFER)
            if number % 2:
                yield self.chance.choice((self._resumes, self._presses_resume))(slack_user_id)
            elif self.chance.random() < 0.5:
                yield self._commands("pause", slack_user_id, f"pause {weeks} weeks", weeks)
            else:
                given = {"weeks": str(weeks)}
                yield self._submits("pause", slack_user_id, _pause_form(), given, weeks)

    def changes_details(self, slack_user_id: str, count: int) -> Iterator[Act]:
        """Send one's details anew, each time with other words."""
        form = enrolment.form_view(FILE, Role.MENTEE, None, "en-GB", new=False)
        for _change in range(count):
            hopes = f"Hope number {next(self._numbers)}."
            yield self._submits("details", slack_user_id, form, ANSWERS | {"hopes": hopes}, hopes)

    def visits(self, slack_user_id: str, count: int) -> Iterator[Act]:
        """Join, come to the channel, and look around without a role."""
        around = (self._moves, self._opens_home, self._asks_status, self._opens_form)
        for number in range(count):
            come = (self._joins, self._enters_channel)[number] if number < 2 else None
            yield (come or self.chance.choice(around))(slack_user_id)

    def _joins(self, who: str) -> Act:
        return self._happens("join", events.team_join, who)

    def _enters_channel(self, who: str) -> Act:
        return self._happens("enter", events.member_joined_channel, who, CHANNEL)

    def _opens_home(self, who: str) -> Act:
        return self._happens("home", events.app_home_opened, who)

    def _moves(self, who: str) -> Act:
        """A profile changes; in the workspace it has changed before anybody hears of it."""
        zone = self.chance.choice(ZONES)
        with self._state.change():
            self._state.users[who].time_zone = zone
        return self._happens("move", events.user_change, who, effect=zone)

    def _happens(
        self, what: str, event: Callable[..., Json], *about: str, effect: Any = None
    ) -> Act:
        with self._state.change():
            return Act(what, "events_api", event(self._state, *about), effect)

    def _asks_status(self, who: str) -> Act:
        return self._commands("status", who, "status")

    def _resumes(self, who: str) -> Act:
        return self._commands("resume", who, "resume")

    def _commands(self, what: str, who: str, text: str, effect: Any = None) -> Act:
        state = self._state
        with state.change():
            url = self.sandbox.response_url(
                "commands", state.issue_reply_ticket(who, CHANNEL, None)
            )
            channel = state.conversations[CHANNEL]
            payload = interactions.slash_command(state, who, channel, ids.COMMAND, text, url)
        return Act(what, "slash_commands", payload, effect, lambda answer: FAILED in str(answer))

    def _presses_resume(self, who: str) -> Act:
        return self._presses("resume", who, ids.RESUME)

    def _opens_form(self, who: str) -> Act:
        return self._presses("open", who, ids.JOIN_AS_MENTEE)

    def _presses(self, what: str, who: str, action_id: str) -> Act:
        """A button in the channel; what went wrong is told there, to the person alone."""
        state = self._state
        button = {"type": "button", "action_id": action_id, "block_id": "b", "action_ts": "1.1"}
        with state.change():
            state.stacks.pop(who, None)
            ticket = state.issue_reply_ticket(who, CHANNEL, None)
            payload = interactions._actions(state, who, button, None) | {
                "container": {"type": "message", "channel_id": CHANNEL, "is_ephemeral": True},
                "response_url": self.sandbox.response_url("actions", ticket),
            }
        before = self._failures_told(who)
        return Act(
            what,
            "interactive",
            payload,
            payload["trigger_id"],
            lambda _answer: self._failures_told(who) > before,
        )

    def _failures_told(self, who: str) -> int:
        """How often a person reads that something went wrong, in the channel or in their DM."""
        state = self._state
        with state.lock:
            places = [state.conversations[CHANNEL], state.direct_message(who)]
            seen = [it for place in places for it in place.postings if it.only_for in (None, who)]
            return sum(it.body.get("text") == FAILED for it in seen)

    def _submits(self, what: str, who: str, view: Json, answers: Json, effect: Any = None) -> Act:
        state = self._state
        with state.change():
            view_id = state.next_id("V")
            kept = view_object(state, view, view_id=view_id, root=view_id, previous=None)
            shown = ShownView(kept, who)
            for block in kept["blocks"]:
                if block["type"] == "input" and block["block_id"] in answers:
                    element = block["element"]
                    held = chosen(element, answers[block["block_id"]])
                    shown.state[block["block_id"]] = {element["action_id"]: held}
            payload = interactions.view_submission(state, shown)
        return Act(what, "interactive", payload, effect, lambda answer: FAILED in str(answer))


def _pause_form() -> Json:
    weeks = [blocks.option(str(count), str(count)) for count in WEEKS_ON_OFFER]
    field_ = blocks.field("weeks", "For how long?", blocks.select(weeks, initial="2"))
    return blocks.modal(ids.PAUSE_FORM, "A pause", [field_], submit="Pause", close="Cancel")
