"""The overview of every programme that somebody oversees: numbers, and no names."""

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.errors import NotPermitted
from mentorbot.domain.permissions import Action, who_may
from mentorbot.slack import blocks, ids
from mentorbot.slack.buttons import Say
from mentorbot.slack.guard import Call, guard
from mentorbot.usecases.oversight import Overview, overviews
from mentorbot.wording import escape, full_date, listed


def show_oversight(call: Call, _rest: str = "") -> None:
    """`oversight`: how far each programme has come."""
    with call.read() as tx:
        found = overviews(tx, call.slack_user_id)
    if not found:
        raise NotPermitted(roles=" ".join(who_may(Action.OVERSEE)))
    title = call.say("oversight.title")
    shown = [block for it in found for block in overview_blocks(it, call.say, call.locale)]
    if "command" in call.body:
        call.ack(text=title, blocks=shown[:50])
    else:
        call.open_view(blocks.modal("notice", title, shown, close=call.say("close")))


def overview_blocks(found: Overview, say_it: Say, locale: str) -> list[blocks.Block]:
    """A programme in numbers."""
    lines: list[str] = [say_it("standing.overview", **found.counts)]
    if found.cycle is not None:
        until = full_date(found.cycle.ends_on, locale)
        lines.insert(0, say_it("oversight.cycle", number=found.cycle.number, until=until))
    else:
        is_evergreen = found.file.cycle.is_evergreen
        lines.insert(0, say_it("standing.evergreen" if is_evergreen else "standing.no_cycle"))
    if found.applications:
        states = [
            say_it("oversight.state", state=say_it(f"oversight.states.{state}"), count=count)
            for state, count in found.applications.items()
        ]
        lines.append(say_it("oversight.applications", states=listed(states, locale)))
    return [blocks.section("\n".join([f"*{escape(found.file.name)}*", *lines]))]


def register(app: App, bot: MentorBot) -> None:
    """Listen to those who oversee."""
    app.action(ids.SHOW_OVERSIGHT)(guard(bot, show_oversight))
