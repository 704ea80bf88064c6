"""What an operator does about certificates: their keys, what others verify with, and signing."""

from typing import Any

from mentorbot.certificates import credential
from mentorbot.config import Settings
from mentorbot.operating import opened_workspace
from mentorbot.storage import issuer_keys
from mentorbot.usecases import issuing

AT_ONCE = 100
"""Certificates signed in one transaction."""


def published_keys(settings: Settings, workspace_id: str) -> dict[str, Any]:
    """A workspace's public keys, as a JSON Web Key Set; raises OperatorRefused."""
    with opened_workspace(settings, workspace_id) as bot, bot.store.read(workspace_id) as tx:
        return credential.key_set(issuing.issuer(tx), issuer_keys.every(tx))


def published_status(settings: Settings, workspace_id: str, page: int) -> str:
    """A signed status list; raises OperatorRefused, SecretKeyMissing."""
    with opened_workspace(settings, workspace_id) as bot, bot.store.begin(workspace_id) as tx:
        return issuing.status(tx, page, bot.clock())


def rotate_key(settings: Settings, workspace_id: str) -> str:
    """Make a new key, and return its id; raises OperatorRefused, SecretKeyMissing."""
    with opened_workspace(settings, workspace_id) as bot, bot.store.begin(workspace_id) as tx:
        return issuing.rotate(tx, "operator", bot.clock())


def sign_all(settings: Settings, workspace_id: str) -> int:
    """Sign what is not signed, in short transactions; how many. Raises OperatorRefused."""
    count, after = 0, ""
    with opened_workspace(settings, workspace_id) as bot:
        while True:
            with bot.store.begin(workspace_id) as tx:
                done = issuing.sign_slice(tx, after, AT_ONCE, bot.clock())
            if done is None:
                return count
            after, count = done[0], count + done[1]
