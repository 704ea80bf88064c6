"""views.*: modals opened with a trigger, and App Home."""

from __future__ import annotations

import time

from mentorbot.sandbox.errors import ApiError
from mentorbot.sandbox.modals import publish_home, put_on_stack, replace
from mentorbot.sandbox.records import Json, ShownView, Trigger
from mentorbot.sandbox.web_api.call import Call, method


@method("views.open", "trigger_id", "view", writes=True)
def views_open(call: Call) -> Json:
    trigger = _trigger(call)
    shown = put_on_stack(call.state, trigger.slack_user_id, _view(call))
    trigger.used = True
    return {"view": shown.view}


@method("views.push", "trigger_id", "view", writes=True)
def views_push(call: Call) -> Json:
    trigger = _trigger(call)
    if not call.state.stacks.get(trigger.slack_user_id):
        raise ApiError("not_found")
    shown = put_on_stack(call.state, trigger.slack_user_id, _view(call))
    trigger.used = True
    return {"view": shown.view}


@method("views.update", "view", writes=True)
def views_update(call: Call) -> Json:
    view_id, external_id = call.text("view_id"), call.text("external_id")
    if not view_id and not external_id:
        raise ApiError("invalid_arguments", "[ERROR] missing required field: view_id")
    shown: ShownView | None = call.state.find_view(view_id, external_id)
    if shown is None:
        raise ApiError("not_found")
    replace(call.state, shown, _view(call), call.text("hash"))
    return {"view": shown.view}


@method("views.publish", "user_id", "view", writes=True)
def views_publish(call: Call) -> Json:
    user = call.user("user_id")
    shown = publish_home(call.state, user.id, _view(call), call.text("hash"))
    return {"view": shown.view}


def _view(call: Call) -> Json:
    view = call.structure("view")
    if not isinstance(view, dict):
        raise ApiError("invalid_arguments", "[ERROR] must provide an object [json-pointer:/view]")
    return view


def _trigger(call: Call) -> Trigger:
    trigger = call.state.triggers.get(call.text("trigger_id"))
    if trigger is None:
        raise ApiError("invalid_trigger_id")
    if trigger.used:
        raise ApiError("exchanged_trigger_id")
    if time.monotonic() - trigger.issued_at > call.trigger_lifetime_seconds:
        raise ApiError("expired_trigger_id")
    return trigger
