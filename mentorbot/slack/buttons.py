"""Rows of buttons that several surfaces show."""

from collections.abc import Callable, Collection

from mentorbot.domain.model import Application, NextCycle, Pairing, Role
from mentorbot.slack import blocks, ids
from mentorbot.wording import Markup

Say = Callable[..., Markup]
"""`say` with its locale filled in."""

WISHES = {ids.CONTINUE: NextCycle.CONTINUE, ids.OPT_OUT: NextCycle.OPT_OUT}


_ROLE_BUTTONS = {
    Role.MENTOR: ("enrolment.be_mentor", ids.JOIN_AS_MENTOR),
    Role.MENTEE: ("enrolment.be_mentee", ids.JOIN_AS_MENTEE),
}


def role_buttons(say_it: Say, roles: Collection[Role] = tuple(Role)) -> blocks.Block:
    """The buttons with which everything begins: both, or of some roles."""
    return blocks.actions(
        *(
            blocks.button(say_it(key), action_id, style="primary")
            for role, (key, action_id) in _ROLE_BUTTONS.items()
            if role in roles
        )
    )


def confidential_button(say_it: Say, application: Application) -> blocks.Block:
    """The button that leads to somebody's sensitive questions."""
    return blocks.button(
        say_it("sensitive.button"), ids.OPEN_SENSITIVE, value=application.application_id
    )


def leave_button(say_it: Say, way_back: Markup) -> blocks.Block:
    """The button to leave, which asks once more, and says how one comes back."""
    sure = blocks.confirm(
        say_it("leave.sure_title"),
        say_it("leave.sure", way_back=way_back),
        say_it("leave.button"),
        say_it("leave.stay"),
    )
    return blocks.button(say_it("leave.button"), ids.LEAVE, style="danger", confirm=sure)


def feedback_button(say_it: Say, pairing_id: str) -> blocks.Block:
    """The button that leads to the feedback form."""
    text = say_it("closing.give_feedback")
    return blocks.button(text, ids.GIVE_FEEDBACK, value=pairing_id, style="primary")


def extend_button(say_it: Say, pairing_id: str | None = None) -> blocks.Block:
    """The button with which one of a pair wishes to go on longer."""
    return blocks.button(say_it("extending.button"), ids.EXTEND, value=pairing_id)


def asks(
    say_it: Say,
    pairing: Pairing,
    *,
    owes_feedback: bool,
    wish: NextCycle | None,
    with_choice: bool = True,
    may_extend: bool = False,
) -> list[blocks.Block]:
    """Feedback button, choice buttons, what happens without an answer, and going on longer."""
    shown: list[blocks.Block] = []
    if owes_feedback:
        give = feedback_button(say_it, pairing.pairing_id)
        shown.append(blocks.actions(give, block_id=f"feedback.{pairing.pairing_id}"))
    if pairing.is_active and with_choice:
        shown.append(_choice_buttons(say_it, pairing, wish))
        key = "closing.default" if wish is None else f"closing.chosen.{wish}"
        shown.append(blocks.context(say_it(key)))
    if pairing.is_active and may_extend:
        shown.append(blocks.context(say_it("extending.or_longer")))
        shown.append(blocks.actions(extend_button(say_it, pairing.pairing_id)))
    return shown


def _choice_buttons(say_it: Say, pairing: Pairing, wish: NextCycle | None) -> blocks.Block:
    buttons = [
        blocks.button(
            say_it(f"closing.{option}"),
            action_id,
            value=pairing.pairing_id,
            style="primary" if option is NextCycle.CONTINUE and wish is None else None,
        )
        for action_id, option in WISHES.items()
        if option is not wish
    ]
    return blocks.actions(*buttons, block_id=f"choice.{pairing.pairing_id}")
