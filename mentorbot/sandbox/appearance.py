"""How the workspace's things look on the wire: Slack's user, channel, file and view objects."""

from __future__ import annotations

import secrets
from urllib.parse import quote
from zoneinfo import ZoneInfo

from mentorbot.sandbox.records import Conversation, Json, Posting, StoredFile, User
from mentorbot.sandbox.state import State

OF_ADDRESSES = "users:read.email"
"""The scope without which a user object tells no address (changelog of January 2017)."""

INTERACTIVE = frozenset(
    {
        "button",
        "channels_select",
        "checkboxes",
        "conversations_select",
        "datepicker",
        "datetimepicker",
        "email_text_input",
        "external_select",
        "file_input",
        "multi_channels_select",
        "multi_conversations_select",
        "multi_external_select",
        "multi_static_select",
        "multi_users_select",
        "number_input",
        "overflow",
        "plain_text_input",
        "radio_buttons",
        "rich_text_input",
        "static_select",
        "timepicker",
        "url_text_input",
        "users_select",
    }
)

MIME_TYPES = {
    "csv": "text/csv",
    "ics": "text/calendar",
    "json": "application/json",
    "pdf": "application/pdf",
    "png": "image/png",
    "text": "text/plain",
    "txt": "text/plain",
    "zip": "application/zip",
}


def user_object(state: State, user: User, *, with_locale: bool = False) -> Json:
    """A user as `users.info` and the user events show it."""
    now = state.clock()
    offset = now.astimezone(ZoneInfo(user.time_zone)).utcoffset()
    handle = handle_of(user)
    profile = {
        "title": "",
        "real_name": user.name,
        "real_name_normalized": user.name,
        "display_name": user.name,
        "display_name_normalized": user.name,
        "status_text": "",
        "status_emoji": "",
        "team": state.population.workspace_id,
    }
    if state.grants.holds(OF_ADDRESSES):
        profile["email"] = address_of(user)
    shown: Json = {
        "id": user.id,
        "team_id": state.population.workspace_id,
        "name": handle,
        "deleted": user.deactivated,
        "color": "9f69e7",
        # Slack itself shows Slackbot as a person; apps have to know its id.
        "is_bot": user.is_bot and user.id != "USLACKBOT",
        "is_app_user": False,
        "updated": user.updated,
        "profile": profile,
    }
    if user.id == state.population.bot_user_id:
        profile["bot_id"] = state.population.bot_id
        profile["api_app_id"] = state.population.app_id
    if not user.deactivated:
        shown |= {
            "real_name": user.name,
            "tz": user.time_zone,
            "tz_label": now.astimezone(ZoneInfo(user.time_zone)).tzname(),
            "tz_offset": int(offset.total_seconds()) if offset is not None else 0,
            "is_admin": user.is_admin,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": False,
            "is_ultra_restricted": False,
            "is_email_confirmed": user.is_email_confirmed,
        }
    if with_locale:
        shown["locale"] = user.locale
    return shown


def address_of(user: User) -> str:
    """The e-mail address of a member; a bot has none."""
    return "" if user.is_bot else user.email or f"{handle_of(user)}@example.org"


def handle_of(user: User) -> str:
    return user.id[2:].rstrip("0").lower() or user.id.lower()


def channel_object(state: State, conversation: Conversation) -> Json:
    """A conversation as `conversations.info` shows it to the app."""
    shown: Json = {
        "id": conversation.id,
        "created": conversation.created,
        "is_archived": conversation.is_archived,
        "is_im": conversation.kind == "im",
        "is_mpim": conversation.kind == "mpim",
        "is_channel": conversation.kind == "channel",
        "is_group": False,
        "is_private": conversation.kind != "channel",
        "is_org_shared": False,
        "context_team_id": state.population.workspace_id,
        "updated": conversation.created,
    }
    if conversation.kind == "im":
        person = next(m for m in conversation.members if m != state.population.bot_user_id)
        deleted = state.users[person].deactivated
        return shown | {"user": person, "is_user_deleted": deleted, "is_open": True}
    return shown | {
        "name": conversation.name,
        "name_normalized": conversation.name,
        "is_general": conversation.is_general,
        "is_member": state.population.bot_user_id in conversation.members,
        "is_shared": False,
        "is_ext_shared": False,
        "creator": state.population.bot_user_id if conversation.kind == "mpim" else "",
        "topic": {"value": conversation.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "previous_names": [],
    }


def message_object(posting: Posting, *, with_metadata: bool) -> Json:
    """A message as `conversations.history` shows it."""
    body = dict(posting.body)
    if not with_metadata:
        body.pop("metadata", None)
    return body


def file_object(state: State, file: StoredFile, base_url: str) -> Json:
    """A file as messages and `files.info` show it."""
    extension = file.name.rpartition(".")[2].lower() if "." in file.name else "text"
    kinds = {conversation: state.conversations[conversation] for conversation in file.conversations}
    name = quote(file.name, safe="")
    url = f"{base_url}/files-pri/{state.population.workspace_id}-{file.id}/{name}"
    return {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title or file.name,
        "mimetype": MIME_TYPES.get(extension, "application/octet-stream"),
        "filetype": extension,
        "pretty_type": extension.upper(),
        "user": file.uploaded_by or state.population.bot_user_id,
        "user_team": state.population.workspace_id,
        "editable": False,
        "size": file.size,
        "mode": "hosted",
        "is_external": False,
        "is_public": any(it.kind == "channel" for it in kinds.values()),
        "url_private": url,
        "url_private_download": url,
        "channels": [key for key, it in kinds.items() if it.kind == "channel"],
        "groups": [key for key, it in kinds.items() if it.kind == "mpim"],
        "ims": [key for key, it in kinds.items() if it.kind == "im"],
    }


def with_block_ids(blocks: list[Json]) -> list[Json]:
    """Blocks as Slack gives them back: with block ids, and action ids where one can act."""
    named = []
    for block in blocks:
        copy = {**block, "block_id": block.get("block_id") or secrets.token_urlsafe(4)}
        for key in ("element", "accessory"):
            if isinstance(copy.get(key), dict):
                copy[key] = _with_action_id(copy[key])
        if copy.get("type") == "actions":
            copy["elements"] = [_with_action_id(element) for element in copy["elements"]]
        named.append(copy)
    return named


def _with_action_id(element: Json) -> Json:
    if element.get("type") not in INTERACTIVE or element.get("action_id"):
        return element
    return {**element, "action_id": secrets.token_urlsafe(4)}


def view_object(state: State, view: Json, *, view_id: str, root: str, previous: str | None) -> Json:
    """A view as the `views.*` methods give it back."""
    shown: Json = {
        "id": view_id,
        "team_id": state.population.workspace_id,
        "type": view["type"],
        "blocks": with_block_ids(view["blocks"]),
        "private_metadata": view.get("private_metadata", ""),
        "callback_id": view.get("callback_id", ""),
        "external_id": view.get("external_id", ""),
        "state": {"values": {}},
        "hash": view_hash(state),
        "clear_on_close": bool(view.get("clear_on_close", False)),
        "notify_on_close": bool(view.get("notify_on_close", False)),
        "title": view.get("title"),
        "close": view.get("close"),
        "submit": view.get("submit"),
        "previous_view_id": previous,
        "root_view_id": root,
        "app_id": state.population.app_id,
        "app_installed_team_id": state.population.workspace_id,
        "bot_id": state.population.bot_id,
    }
    return shown


def view_hash(state: State) -> str:
    return f"{state.epoch()}.{secrets.token_hex(4)}"
