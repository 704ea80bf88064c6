"""Goals and actions: `/mentorbot goals` and a button open what a mentee wrote, or shares."""

from collections.abc import Sequence

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.errors import NoPartner, SecretKeyMissing
from mentorbot.domain.goals import MOST_CHARACTERS, GoalKind, GoalRules
from mentorbot.domain.model import Role
from mentorbot.slack import blocks, ids
from mentorbot.slack.buttons import Say
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.rendering import Reading, mention
from mentorbot.storage.store import Transaction
from mentorbot.usecases import goals
from mentorbot.usecases.enrolment import enrolled_or_refuse, programme_or_refuse
from mentorbot.usecases.goals import Written
from mentorbot.wording import Markup, escape

DONE_SHOWN = 10
_KINDS = {ids.ADD_GOAL: GoalKind.GOAL, ids.ADD_ACTION: GoalKind.ACTION}


def goals_button(say_it: Say) -> blocks.Block:
    """The button that opens goals and actions."""
    return blocks.button(say_it("goals.button"), ids.SHOW_GOALS)


def open_actions(reading: Reading) -> list[blocks.Block]:
    """What a mentee set out to do, carried into their check-in; without its key it stays out."""
    if reading.file.goals is None or reading.role_of_reader() is not Role.MENTEE:
        return []
    try:
        found = goals.open_actions(reading.tx, reading.member())
    except SecretKeyMissing:
        return []
    if not found:
        return []
    heading = blocks.section(f"*{reading.say('goals.carried')}*")
    row = blocks.actions(goals_button(reading.say))
    return [heading, *blocks.bulleted(escape(it) for it in found), row]


def show(call: Call, _rest: str = "") -> None:
    """`goals`, or the button: one's own, or what one's mentees share."""
    with call.read() as tx:
        view = _view_for(tx, call)
    call.open_view(view)


def _view_for(tx: Transaction, call: Call) -> blocks.Block:
    programme_id = programme_or_refuse(tx).programme_id
    rules = goals.rules_or_refuse(tx, programme_id)
    found = enrolled_or_refuse(tx, programme_id, call.slack_user_id)
    if found.role is Role.MENTEE:
        return own_view(rules, goals.own(tx, programme_id, call.slack_user_id), call.say)
    shared = goals.shared_with(tx, programme_id, call.slack_user_id)
    if not shared:
        raise NoPartner
    return shared_view(shared, call.say)


def own_view(rules: GoalRules, written: Sequence[Written], say_it: Say) -> blocks.Block:
    """What a mentee has written down, each with a way to change it, and examples to start from."""
    waiting = [it for it in written if it.goal.done_at is None]
    done = _done_last(written)
    shown = [blocks.section(say_it("goals.intro"))]
    for kind in GoalKind:
        of_kind = [it for it in waiting if it.goal.kind is kind]
        if of_kind:
            shown.append(blocks.section(f"*{say_it(f'goals.heading.{kind}')}*"))
            shown += [_line(it, say_it) for it in of_kind]
    if rules.examples and not any(it.goal.kind is GoalKind.GOAL for it in waiting):
        examples = blocks.bullets(escape(it) for it in rules.examples)
        shown.append(blocks.section(f"*{say_it('goals.examples')}*\n{examples}"))
    if done:
        shown.append(blocks.section(f"*{say_it('goals.done')}*"))
        shown += blocks.bulleted(escape(it.text) for it in done)
    add = [
        blocks.button(say_it(f"goals.add.{kind}"), action_id, style="primary")
        for action_id, kind in _KINDS.items()
    ]
    return _notice([*shown, blocks.actions(*add)], say_it)


def _done_last(written: Sequence[Written]) -> list[Written]:
    """The last goals and actions that were done, the latest at the end."""
    done = [(it.goal.done_at, number) for number, it in enumerate(written) if it.goal.done_at]
    return [written[number] for _at, number in sorted(done)[-DONE_SHOWN:]]


def _line(written: Written, say_it: Say) -> blocks.Block:
    who = say_it("goals.shared" if written.goal.is_shared else "goals.own")
    change = blocks.button(say_it("goals.change"), ids.CHANGE_GOAL, value=written.goal.goal_id)
    return blocks.section(f"{escape(written.text)}\n_{who}_", accessory=change)


def shared_view(shared: Sequence[tuple[str, list[Written]]], say_it: Say) -> blocks.Block:
    """What each mentee of a mentor shares, then what was done last, struck through."""
    shown = [blocks.section(say_it("goals.intro_mentor"))]
    for mentee, written in shared:
        waiting = [it for it in written if it.goal.done_at is None]
        told = [*waiting, *_done_last(written)]
        lines = [_shared_line(it, say_it) for it in told] or [say_it("goals.none_shared")]
        shown += [blocks.section(f"*{mention(mentee)}*"), *blocks.bulleted(lines)]
    return _notice(shown, say_it)


def _shared_line(written: Written, say_it: Say) -> Markup:
    key = "goals.line_done" if written.goal.done_at else "goals.line"
    return say_it(key, kind=say_it(f"goals.kind.{written.goal.kind}"), text=written.text)


def _notice(shown: Sequence[blocks.Block], say_it: Say) -> blocks.Block:
    return blocks.modal("notice", say_it("goals.title"), shown, close=say_it("close"))


def open_new(call: Call) -> None:
    """One of the two buttons to add something."""
    kind = _KINDS[call.action["action_id"]]
    call.open_view(goal_view(call.say, kind, metadata=str(kind)))


def open_change(call: Call) -> None:
    """The button beside a goal or an action."""
    with call.read() as tx:
        found = goals.own_or_refuse(tx, call.action["value"], call.slack_user_id)
        text = goals.text_of(tx, found)
    ticked = ["shared"] if found.is_shared else []
    view = goal_view(call.say, found.kind, text, ticked, metadata=found.goal_id)
    call.open_view(view)


def goal_view(
    say_it: Say,
    kind: GoalKind,
    text: str | None = None,
    ticked: Sequence[str] = (),
    *,
    metadata: str,
) -> blocks.Block:
    """The form of a goal or an action; of one that stands it asks whether it is done, too."""
    told = ["shared"] if text is None else ["shared", "done", "gone"]
    options = [blocks.option(say_it(f"goals.tick.{it}"), it) for it in told]
    words = blocks.text_input(most=MOST_CHARACTERS, multiline=True, initial=text)
    return blocks.modal(
        ids.NEW_GOAL_FORM if text is None else ids.GOAL_FORM,
        say_it("goals.title"),
        [
            blocks.field("text", say_it(f"goals.words.{kind}"), words),
            blocks.field(
                "ticked",
                say_it("goals.ticked"),
                blocks.checkboxes(options, initial=ticked),
                optional=True,
            ),
        ],
        submit=say_it("save"),
        close=say_it("cancel"),
        private_metadata=metadata,
    )


def save_new(call: Call) -> None:
    """A new goal or action was sent."""
    given, kind = blocks.answers(call.view), GoalKind(call.view["private_metadata"])
    with call.begin() as tx:
        programme_id = programme_or_refuse(tx).programme_id
        is_shared = "shared" in (given.get("ticked") or [])
        words = given.get("text") or ""
        who, now = call.slack_user_id, call.now
        goals.add(tx, programme_id, who, kind, words, is_shared=is_shared, now=now)
        view = _view_for(tx, call)
    call.update_view_below(view)


def save_change(call: Call) -> None:
    """A goal or an action was changed, done or taken out."""
    given, goal_id = blocks.answers(call.view), call.view["private_metadata"]
    ticked = given.get("ticked") or []
    with call.begin() as tx:
        if "gone" in ticked:
            goals.take_out(tx, goal_id, call.slack_user_id, call.now)
        else:
            goals.change(
                tx,
                goal_id,
                call.slack_user_id,
                given.get("text") or "",
                is_shared="shared" in ticked,
                is_done="done" in ticked,
                now=call.now,
            )
        view = _view_for(tx, call)
    call.update_view_below(view)


def register(app: App, bot: MentorBot) -> None:
    """Listen to the buttons and forms of goals and actions."""
    app.action(ids.SHOW_GOALS)(guard(bot, show))
    for action_id in _KINDS:
        app.action(action_id)(guard(bot, open_new))
    app.action(ids.CHANGE_GOAL)(guard(bot, open_change))
    app.view(ids.NEW_GOAL_FORM)(guard(bot, save_new))
    app.view(ids.GOAL_FORM)(guard(bot, save_change))
