"""Checklists: `/mentorbot checklist`, to tick off for oneself, or to see what mentees show."""

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.errors import NoChecklist
from mentorbot.domain.model import Role
from mentorbot.slack import blocks, ids
from mentorbot.slack.buttons import Say
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.rendering import mention
from mentorbot.storage import participants
from mentorbot.usecases import checklists
from mentorbot.usecases.checklists import Held
from mentorbot.usecases.enrolment import programme_or_refuse
from mentorbot.wording import escape

SHARED = "shared"


def checklist_button(say_it: Say) -> blocks.Block:
    """The button that leads to somebody's checklists."""
    return blocks.button(say_it("checklists.title"), ids.SHOW_CHECKLISTS)


def show(call: Call, _rest: str = "") -> None:
    """`checklist`, or the button: one's own lists, or what mentees let one see."""
    with call.read() as tx:
        programme_id = programme_or_refuse(tx).programme_id
        held = participants.of_person(tx, programme_id, call.slack_user_id)
        if held is not None and held.is_enrolled and held.role is Role.MENTOR:
            shared = checklists.shared_with(tx, programme_id, call.slack_user_id)
            shown = _of_mentees(call, shared)
        else:
            mine = checklists.own(tx, programme_id, call.slack_user_id)
            if len(mine) == 1:
                call.open_view(checklist_view(call.say, mine[0]))
                return
            shown = [_line(call, it) for it in mine]
    title = call.say("checklists.title")
    call.open_view(blocks.modal("notice", title, shown, close=call.say("close")))


def _of_mentees(call: Call, shared: list[tuple[str, Held]]) -> list[blocks.Block]:
    if not shared:
        raise NoChecklist
    shown = []
    for user, it in shared:
        who = mention(user, call.locale)
        counts = {"done": len(it.done), "all": len(it.rules.items)}
        text = call.say("checklists.of_mentee", who=who, title=it.rules.title, **counts)
        shown.append(blocks.section(text))
        still = [one.text for one in it.rules.items if one.id not in it.done]
        shown += blocks.bulleted(map(escape, still))
    return shown


def _line(call: Call, it: Held) -> blocks.Block:
    counts = {"done": len(it.done), "all": len(it.rules.items)}
    text = call.say("checklists.line", title=it.rules.title, **counts)
    button = blocks.button(call.say("checklists.open"), ids.OPEN_CHECKLIST, value=it.rules.id)
    return blocks.section(text, accessory=button)


def open_one(call: Call) -> None:
    """One of several lists."""
    with call.read() as tx:
        programme_id = programme_or_refuse(tx).programme_id
        mine = checklists.own(tx, programme_id, call.slack_user_id)
    wanted = call.action.get("value")
    found = next((it for it in mine if it.rules.id == wanted), mine[0])
    call.open_view(checklist_view(call.say, found))


def checklist_view(say_it: Say, held: Held) -> blocks.Block:
    """A checklist to tick."""
    options = [blocks.option(it.text, it.id) for it in held.rules.items]
    done = [it.id for it in held.rules.items if it.id in held.done]
    shared = [blocks.option(say_it("checklists.shared"), SHARED)]
    boxes = blocks.checkboxes(options, initial=done)
    share = blocks.checkboxes(shared, initial=[SHARED] if held.is_shared else [])
    intro = held.rules.intro or ""
    return blocks.modal(
        ids.CHECKLIST_FORM,
        say_it("checklists.title"),
        [
            blocks.section(f"*{escape(held.rules.title)}*\n{escape(intro)}".strip()),
            blocks.field("done", say_it("checklists.done"), boxes, optional=True),
            blocks.field("shared", say_it("checklists.who_sees"), share, optional=True),
        ],
        submit=say_it("save"),
        close=say_it("cancel"),
        private_metadata=held.rules.id,
    )


def save(call: Call) -> None:
    """What is ticked was sent."""
    given = blocks.answers(call.view)
    with call.begin() as tx:
        programme_id = programme_or_refuse(tx).programme_id
        held = checklists.tick(
            tx,
            programme_id,
            call.slack_user_id,
            call.view["private_metadata"],
            given.get("done") or (),
            call.now,
            is_shared=bool(given.get("shared")),
        )
    left = len(held.rules.items) - len(held.done)
    call.tell(call.say("checklists.left", count=left) if left else call.say("checklists.all_done"))


def register(app: App, bot: MentorBot) -> None:
    """Listen to those who tick off."""
    app.action(ids.SHOW_CHECKLISTS)(guard(bot, show))
    app.action(ids.OPEN_CHECKLIST)(guard(bot, open_one))
    app.view(ids.CHECKLIST_FORM)(guard(bot, save))
