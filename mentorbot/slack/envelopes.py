"""What every payload of Slack's must hold before anything else reads it.

Bolt and the listeners take what they read for what Slack's references describe; a payload that is
signed and yet is something else ends here, with nothing done.
https://docs.slack.dev/reference/interaction-payloads
"""

import json
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from mentorbot.slack.profiles import User

MOST_DEPTH = 40
"""Slack's own nest some ten deep; Python and its databases give up at hundreds."""
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,40}$")]
Token = Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]{1,2000}$")]
Json = dict[str, Any]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class _Named(_Part):
    id: Id
    team_id: Id | None = None


class _State(_Part):
    values: dict[str, dict[str, Json]]


class _View(_Part):
    type: str
    callback_id: str = ""
    private_metadata: str = ""
    state: _State | None = None
    blocks: list[Json] = []
    id: Token | None = None
    app_installed_team_id: Id | None = None
    previous_view_id: Token | None = None


class _Sent(_View):
    state: _State
    private_metadata: str


class _Action(_Part):
    type: str
    action_id: str
    block_id: str
    value: str | None = None
    selected_option: Json | None = None
    selected_options: list[Json] | None = None


class _Container(_Part):
    message_ts: Token | None = None
    channel_id: Id | None = None


class _Message(_Part):
    text: str = ""
    blocks: list[Json] = []


class _Spoken(_Part):
    text: str = ""
    user: Id | None = None


class _Acted(_Part):
    user: _Named
    team: _Named | None = None
    enterprise: _Named | None = None
    trigger_id: Token | None = None
    response_url: Annotated[str, StringConstraints(pattern=r"^(https?://.*)?$")] | None = None


class _Click(_Acted):
    type: Literal["block_actions"]
    actions: Annotated[list[_Action], Field(min_length=1)]
    trigger_id: Token
    view: _View | None = None
    channel: _Named | None = None
    container: _Container | None = None
    message: _Message | None = None


class _Submission(_Acted):
    type: Literal["view_submission"]
    view: _Sent
    response_urls: list[Json] = []


class _Shortcut(_Acted):
    type: Literal["message_action"]
    callback_id: str
    trigger_id: Token
    channel: _Named
    message: _Spoken


class _Closing(_Acted):
    type: Literal["view_closed"]
    view: _View


class _Authorization(_Part):
    team_id: Id | None = None
    enterprise_id: Id | None = None
    user_id: Id | None = None


class _Happening(_Part):
    type: str
    user: Id | Json | None = None
    team: Id | Json | None = None
    channel: Id | Json | None = None


class _HomeOpened(_Part):
    type: Literal["app_home_opened"]
    user: Id


class _Entry(_Part):
    type: Literal["member_joined_channel"]
    user: Id
    channel: Id


class _News(_Part):
    type: Literal["team_join", "user_change"]
    user: User


class _Revocation(_Part):
    type: Literal["tokens_revoked"]
    tokens: dict[str, list[str]] = {}


_ANY_HAPPENING = TypeAdapter(_Happening)
_HAPPENINGS: dict[str, TypeAdapter[Any]] = {
    "app_home_opened": TypeAdapter(_HomeOpened),
    "member_joined_channel": TypeAdapter(_Entry),
    "team_join": TypeAdapter(_News),
    "user_change": TypeAdapter(_News),
    "tokens_revoked": TypeAdapter(_Revocation),
}


class _Event(_Part):
    type: Literal["event_callback"]
    event: Json
    event_id: Token
    team_id: Id | None = None
    enterprise_id: Id | None = None
    authorizations: list[_Authorization] | None = None


class _Command(_Part):
    command: str
    team_id: Id
    user_id: Id
    trigger_id: Token
    channel_id: Id | None = None
    enterprise_id: str | None = None
    text: str = ""
    response_url: str = ""


class _Challenge(_Part):
    type: Literal["url_verification"]
    challenge: str


_KINDS: dict[str, TypeAdapter[Any]] = {
    "block_actions": TypeAdapter(_Click),
    "view_submission": TypeAdapter(_Submission),
    "message_action": TypeAdapter(_Shortcut),
    "view_closed": TypeAdapter(_Closing),
    "event_callback": TypeAdapter(_Event),
    "url_verification": TypeAdapter(_Challenge),
}
_COMMAND = TypeAdapter(_Command)


def fault(body: Any) -> str | None:
    """What is wrong with a payload, in a few words for the log; None for what may be read.

    Tells places by the names of Slack's fields, never what stands in them.
    """
    if not isinstance(body, dict):
        return "not an object"
    if _is_too_deep(body):
        return "too deep"
    if not _is_text(body):
        return "half a character"
    kind = body.get("type")
    adapter = _KINDS.get(kind) if isinstance(kind, str) else None
    if adapter is None:
        adapter = _COMMAND if "command" in body else None
    if adapter is None:
        return "of no kind that is handled"
    return _check(adapter, body) or _fault_of_event(body)


def _is_too_deep(body: Json) -> bool:
    """Whether it nests too deeply for what reads it by recursion."""
    level: list[Any] = [body]
    for _step in range(MOST_DEPTH):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _is_text(body: Json) -> bool:
    """Whether every text in it is one: JSON can hold half of a pair of surrogates."""
    try:
        json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _inside(value: Any) -> Iterable[Any]:
    found = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (one for one in found if isinstance(one, dict | list))


def _check(adapter: TypeAdapter[Any], body: Any) -> str | None:
    try:
        adapter.validate_python(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['type']}"[:200]
    return None


def _fault_of_event(body: Json) -> str | None:
    if "event" not in body:
        return None
    kind = body["event"].get("type")
    adapter = _HAPPENINGS.get(kind, _ANY_HAPPENING) if isinstance(kind, str) else _ANY_HAPPENING
    return _check(adapter, body["event"])
