"""The least scopes: each is needed by something the bot does, and nothing it does lacks one.

What each method and event needs is taken from its page under https://docs.slack.dev/reference/.
"""

import re
from pathlib import Path

import pytest
import yaml

from mentorbot.slack import ids

ROOT = Path(__file__).parents[2]
MANIFEST = yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))
SCOPES = set(MANIFEST["oauth_config"]["scopes"]["bot"])

METHODS: dict[str, set[str]] = {
    "api_test": set(),  # methods/api.test: no scope
    "apps_connections_open": set(),  # methods/apps.connections.open: of the app-level token
    "auth_test": set(),  # methods/auth.test: no scope
    "chat_delete": {"chat:write"},  # methods/chat.delete: one's own messages
    "chat_postMessage": {"chat:write"},  # methods/chat.postMessage
    "chat_update": {"chat:write"},  # methods/chat.update
    "conversations_history": {"im:history", "mpim:history"},  # DMs and group DMs alone
    "conversations_info": {"channels:read", "groups:read"},  # public and private channels
    "conversations_members": {"channels:read", "groups:read"},  # methods/conversations.members
    "conversations_open": {"im:write", "mpim:write"},  # methods/conversations.open
    "files_completeUploadExternal": {"files:write"},  # methods/files.completeUploadExternal
    "files_getUploadURLExternal": {"files:write"},  # methods/files.getUploadURLExternal
    "files_info": {"files:read"},  # methods/files.info
    "users_info": {"users:read"},  # methods/users.info
    "users_list": {"users:read", "users:read.email"},  # methods/users.list; whose addresses
    "users_lookupByEmail": {"users:read.email"},  # methods/users.lookupByEmail
    "views_open": set(),  # methods/views.open: no scope, a trigger id instead
    "views_publish": set(),  # methods/views.publish: no scope
    "views_push": set(),  # methods/views.push: no scope, a trigger id instead
    "views_update": set(),  # methods/views.update: no scope
}
EVENTS: dict[str, set[str]] = {
    "app_home_opened": set(),  # events/app_home_opened: no scope
    "app_uninstalled": set(),  # events/app_uninstalled: no scope
    "member_joined_channel": {"channels:read", "groups:read"},  # events/member_joined_channel
    "team_join": {"users:read", "users:read.email"},  # events/team_join; the new one's address
    "tokens_revoked": set(),  # events/tokens_revoked: no scope
    "user_change": {"users:read"},  # events/user_change
}
OF_THE_CONNECTION = {"enqueue_message", "send_socket_mode_response"}
"""What the Socket Mode client is asked, and not Slack's Web API."""
COMMANDS = {"commands"}  # interactivity: slash commands need this and nothing else
_METHOD = re.compile(r"client(?:\(bot\))?\.([a-z]+(?:_[a-zA-Z]+)+)\b")


def methods_called() -> set[str]:
    """The Web API methods that the bot's own code names."""
    sources = [
        *(ROOT / "mentorbot" / "slack").glob("*.py"),
        ROOT / "mentorbot" / "running.py",
    ]
    found = {name for path in sources for name in _METHOD.findall(path.read_text("utf-8"))}
    return found - OF_THE_CONNECTION


def test_every_method_that_is_called_is_in_the_table() -> None:
    assert methods_called() == set(METHODS)


def test_every_event_that_is_heard_is_in_the_table() -> None:
    assert set(ids.EVENTS) == set(EVENTS)


def test_the_manifest_asks_for_exactly_the_scopes_that_are_needed() -> None:
    needed = COMMANDS.union(*METHODS.values(), *EVENTS.values())
    assert needed == SCOPES


def test_no_scope_lets_the_bot_read_what_people_write_in_channels() -> None:
    """MentorBot promises to read no conversations; it looks only for its own messages."""
    assert not SCOPES & {"channels:history", "groups:history", "search:read"}


@pytest.mark.parametrize("kind", ["user", "user_optional", "bot_optional"])
def test_the_manifest_asks_for_nothing_in_a_persons_name(kind: str) -> None:
    assert kind not in MANIFEST["oauth_config"]["scopes"]
