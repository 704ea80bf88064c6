"""A modal as its reader fills it in: inputs by name, the client's checks, the app's answer."""

from __future__ import annotations

from mentorbot.sandbox.errors import ApiError, NotPossible
from mentorbot.sandbox.inputs import complaint, state_values
from mentorbot.sandbox.modals import close, put_on_stack, replace
from mentorbot.sandbox.records import Json, ShownView
from mentorbot.sandbox.state import State


def named_input(blocks: list[Json], name: str) -> tuple[Json, Json]:
    """The block with this block id or label, and its element; raises `NotPossible`."""
    for block in blocks:
        if block["type"] == "input" and name in (block["block_id"], block["label"]["text"]):
            return block, block["element"]
    for block in blocks:
        if block["block_id"] == name and "action_id" in block.get("accessory", {}):
            return block, block["accessory"]
        if block["block_id"] == name and block["type"] == "actions":
            return block, block["elements"][0]
    raise NotPossible(f"the modal has no input {name!r}")


def complaints(shown: ShownView) -> dict[str, str]:
    """What Slack's client finds wrong before it sends a submission, by block id."""
    values = state_values(shown.view["blocks"], shown.state)
    found = {}
    for block in shown.view["blocks"]:
        if block["type"] == "input" and block["block_id"] in values:
            held = values[block["block_id"]][block["element"]["action_id"]]
            said = complaint(block, held)
            if said is not None:
                found[block["block_id"]] = said
    return found


def obey(state: State, shown: ShownView, answer: Json) -> None:
    """Do what the app answered to a submission; raises `ApiError` when it makes no sense."""
    action = answer.get("response_action")
    if action is None:
        close(state, shown)
    elif action == "clear":
        for view in list(state.stacks.get(shown.slack_user_id, [])):
            close(state, view)
    elif action == "update":
        replace(state, shown, _view(answer), None)
    elif action == "push":
        put_on_stack(state, shown.slack_user_id, _view(answer))
    elif action == "errors":
        state.modal_errors[shown.slack_user_id] = _errors(shown, answer)
    else:
        raise ApiError("invalid_response_action", str(action))


def _view(answer: Json) -> Json:
    view = answer.get("view")
    if not isinstance(view, dict):
        raise ApiError("invalid_arguments", "[ERROR] missing required field: view")
    return view


def _errors(shown: ShownView, answer: Json) -> dict[str, str]:
    errors = answer.get("errors") or {}
    inputs = {block["block_id"] for block in shown.view["blocks"] if block["type"] == "input"}
    unknown = sorted(set(errors) - inputs)
    if unknown or not errors:
        raise ApiError("invalid_errors", *[f"no input has the block_id {it!r}" for it in unknown])
    return {str(block_id): str(text) for block_id, text in errors.items()}
