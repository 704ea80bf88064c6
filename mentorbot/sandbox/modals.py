"""Views in the workspace: each person's stack of modals and their App Home."""

from __future__ import annotations

from mentorbot.sandbox.acceptance import accept_view
from mentorbot.sandbox.appearance import view_object
from mentorbot.sandbox.errors import ApiError
from mentorbot.sandbox.inputs import state_values
from mentorbot.sandbox.records import Json, ShownView
from mentorbot.sandbox.state import State

DEEPEST_STACK = 3


def put_on_stack(state: State, slack_user_id: str, view: Json) -> ShownView:
    """Show a modal above whatever this person has open."""
    accept_view(view, "modal")
    stack = state.stacks.setdefault(slack_user_id, [])
    if len(stack) >= DEEPEST_STACK:
        raise ApiError("push_limit_reached")
    _refuse_taken_external_id(state, view, None)
    view_id = state.next_id("V")
    root = str(stack[0].view["root_view_id"]) if stack else view_id
    previous = stack[-1].id if stack else None
    shown = ShownView(
        view_object(state, view, view_id=view_id, root=root, previous=previous), slack_user_id
    )
    stack.append(shown)
    state.modal_errors.pop(slack_user_id, None)
    return shown


def replace(state: State, shown: ShownView, view: Json, given_hash: str | None) -> None:
    """Update a view in place; inputs whose block and action ids stay keep what they hold."""
    surface = shown.view["type"]
    accept_view(view, surface)
    if given_hash and given_hash != shown.view["hash"]:
        raise ApiError("hash_conflict")
    _refuse_taken_external_id(state, view, shown)
    old = shown.view
    shown.view = view_object(
        state,
        view,
        view_id=shown.id,
        root=old["root_view_id"],
        previous=old["previous_view_id"],
    )
    state.modal_errors.pop(shown.slack_user_id, None)


def publish_home(state: State, slack_user_id: str, view: Json, given_hash: str | None) -> ShownView:
    """Publish a person's App Home, in place of the one before."""
    accept_view(view, "home")
    present = state.homes.get(slack_user_id)
    if present is not None:
        replace(state, present, view, given_hash)
        return present
    _refuse_taken_external_id(state, view, None)
    view_id = state.next_id("V")
    shown = ShownView(
        view_object(state, view, view_id=view_id, root=view_id, previous=None), slack_user_id
    )
    state.homes[slack_user_id] = shown
    return shown


def close(state: State, shown: ShownView) -> None:
    """Take a modal off its stack; the one below, if any, is seen again."""
    stack = state.stacks.get(shown.slack_user_id, [])
    if shown in stack:
        stack.remove(shown)
    state.modal_errors.pop(shown.slack_user_id, None)


def with_state(shown: ShownView) -> Json:
    """The view with `state.values` as it stands."""
    values = state_values(shown.view["blocks"], shown.state)
    return {**shown.view, "state": {"values": values}}


def _refuse_taken_external_id(state: State, view: Json, own: ShownView | None) -> None:
    external_id = view.get("external_id")
    holder = state.find_view(None, external_id) if external_id else None
    if holder is not None and holder is not own:
        raise ApiError("duplicate_external_id")
