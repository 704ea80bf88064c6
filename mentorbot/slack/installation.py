"""Which token speaks to which workspace: looked up for each send and each request, never kept.

One token from the settings, or the tokens of whoever installed the app. Without a token a
workspace is sent nothing; what is due to it stays in the outbox until the app is installed again.
"""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import structlog
from slack_bolt import BoltContext
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.authorize import Authorize
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.oauth.token_rotation import TokenRotator

from mentorbot.bootstrap import MentorBot
from mentorbot.slack.client import slack_client
from mentorbot.slack.oauth_stores import Installed
from mentorbot.slack.outcomes import Outcome, failure_of
from mentorbot.storage import people
from mentorbot.usecases import admin

log = structlog.get_logger(__name__)
ROTATION_WAIT_SECONDS = 30
"""After a refused rotation: how long the old token is used before the next try."""


@dataclass(frozen=True)
class Access:
    """How to speak to a workspace; an organisation's token serves all its workspaces."""

    token: str
    bot_user_id: str | None = None
    bot_id: str | None = None
    is_org_wide: bool = False


class Installations(Protocol):
    """Where tokens come from."""

    def access(self, workspace_id: str, enterprise_id: str | None = None) -> Access | None:
        """A workspace's token of this moment; None where the app is not installed."""

    def forget(self, workspace_id: str, enterprise_id: str | None) -> None:
        """Slack says that the app was uninstalled there, or its token revoked."""


class OneToken:
    """The token of the settings, for the one workspace that it belongs to."""

    def __init__(self, bot: MentorBot) -> None:
        self._bot = bot

    def access(self, _workspace_id: str, _enterprise_id: str | None = None) -> Access | None:
        """The settings' token, whatever the workspace."""
        return Access(self._bot.settings.slack_bot_token.get_secret_value())

    def forget(self, workspace_id: str, _enterprise_id: str | None) -> None:
        """Nothing can be forgotten here: the operator has to put a new token in the settings."""
        log.warning("slack.uninstalled", workspace=workspace_id)


class OAuthInstallations:
    """The tokens that installing brought, rotated as they age."""

    def __init__(self, bot: MentorBot) -> None:
        self._bot = bot
        self._installed = Installed(bot)
        self._rotating = threading.Lock()
        self._not_before: dict[tuple[str | None, str | None], float] = {}
        self._rotator = TokenRotator(
            client_id=bot.settings.slack_client_id,
            client_secret=bot.settings.slack_client_secret.get_secret_value(),
            client=slack_client(bot),
        )

    def access(self, workspace_id: str, enterprise_id: str | None = None) -> Access | None:
        """The workspace's own token, else its organisation's.

        Raises SlackClientError or OSError where a token that has run out cannot be renewed now.
        """
        found = self._find(workspace_id, enterprise_id)
        if found is None:
            return None
        fresh = self._fresh(found)
        if fresh.is_enterprise_install:
            self._acquaint(workspace_id, fresh)
        return Access(fresh.bot_token, fresh.bot_user_id, fresh.bot_id, fresh.is_enterprise_install)

    def forget(self, workspace_id: str, enterprise_id: str | None) -> None:
        """Drop a token that Slack no longer takes; its data and what is due are kept.

        Slack is asked, for the news may come late, after the app was installed again. Raises
        SlackClientError or OSError where Slack does not answer.
        """
        found = self._find(workspace_id, enterprise_id)
        if found is None or self._works(found):
            return
        place = {"enterprise_id": found.enterprise_id, "team_id": found.team_id}
        self._installed.delete_bot(**place)
        self._installed.delete_installation(**place)
        for gone in self._workspaces_of(found):
            with self._bot.store.begin(gone) as tx:
                people.uninstalled(tx, self._bot.clock())
            log.warning("slack.uninstalled", workspace=gone)

    def _find(self, workspace_id: str, enterprise_id: str | None) -> Bot | None:
        enterprise_id = enterprise_id or self._enterprise_of(workspace_id)
        places = [(enterprise_id, workspace_id), (None, workspace_id), (enterprise_id, None)]
        for enterprise, team in dict.fromkeys(places):
            if not enterprise and not team:
                continue
            found = self._installed.find_bot(
                enterprise_id=enterprise, team_id=team, is_enterprise_install=team is None
            )
            if found is not None:
                return found
        return None

    def _enterprise_of(self, workspace_id: str) -> str | None:
        with self._bot.store.read(workspace_id) as tx:
            known = people.workspace(tx)
        return known.enterprise_id if known else None

    def _fresh(self, found: Bot) -> Bot:
        """The token, renewed where it has less than two hours left."""
        if found.bot_token_expires_at is None:
            return found
        with self._rotating:
            latest = self._again(found)
            if _serves(latest) and time.monotonic() < self._not_before.get(_place(latest), 0):
                return latest
            try:
                rotated = self._rotator.perform_bot_token_rotation(bot=latest)
            except (SlackClientError, OSError) as error:
                return self._without_rotation(latest, error)
            if rotated is not None:
                self._installed.save_bot(rotated)
            return rotated or latest

    def _without_rotation(self, latest: Bot, error: Exception) -> Bot:
        """Another process may have rotated first; until it ends, the old token serves too."""
        log.warning("token.not_rotated", workspace=latest.team_id, error=type(error).__name__)
        self._not_before[_place(latest)] = time.monotonic() + ROTATION_WAIT_SECONDS
        current = self._again(latest)
        if _serves(current):
            return current
        raise error

    def _again(self, found: Bot) -> Bot:
        latest = self._installed.find_bot(
            enterprise_id=found.enterprise_id,
            team_id=found.team_id,
            is_enterprise_install=found.is_enterprise_install,
        )
        return latest or found

    def _works(self, found: Bot) -> bool:
        """Whether Slack still takes a token."""
        try:
            slack_client(self._bot, found.bot_token).auth_test()
        except SlackApiError as error:
            if failure_of(error).outcome is Outcome.LOCKED_OUT:
                return False
            raise
        return True

    def _acquaint(self, workspace_id: str, found: Bot) -> None:
        """An organisation's workspace is known from its first payload on."""
        with self._bot.store.read(workspace_id) as tx:
            known = people.workspace(tx)
        if known is None or known.uninstalled_at is not None:
            with self._bot.store.begin(workspace_id) as tx:
                now = self._bot.clock()
                admin.know_workspace(tx, "", found.bot_user_id, now, found.enterprise_id)

    def _workspaces_of(self, found: Bot) -> Iterator[str]:
        if found.team_id and not found.is_enterprise_install:
            yield found.team_id
            return
        for workspace_id in self._bot.store.workspace_ids():
            if self._enterprise_of(workspace_id) == found.enterprise_id:
                yield workspace_id


def _serves(found: Bot) -> bool:
    return (found.bot_token_expires_at or 0) > time.time()


def _place(found: Bot) -> tuple[str | None, str | None]:
    return found.enterprise_id, found.team_id


def installations_of(bot: MentorBot) -> OneToken | OAuthInstallations:
    """Where this bot's tokens come from, by its settings."""
    return OneToken(bot) if bot.settings.is_single_workspace else OAuthInstallations(bot)


def clients(bot: MentorBot, timeout_seconds: int) -> Callable[[str], WebClient | None]:
    """Gives the client of a workspace, with its token of this moment; None where it has none."""
    installations = installations_of(bot)

    def client_for(workspace_id: str) -> WebClient | None:
        try:
            access = installations.access(workspace_id)
        except (SlackClientError, OSError) as error:
            log.warning("token.unavailable", workspace=workspace_id, error=type(error).__name__)
            return None
        if access is None:
            return None
        team_id = workspace_id if access.is_org_wide else None
        return slack_client(bot, access.token, timeout_seconds, team_id)

    return client_for


class TokenOfTheMoment(Authorize):
    """Bolt's question which token a payload's listener may use.

    What cannot be answered now is raised, so that Slack sends the payload again: Bolt would
    acknowledge a payload that it could not authorize, and what it carried would be lost.
    """

    def __init__(self, installations: Installations) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Bolt types no constructor
        self._installations = installations

    def __call__(
        self,
        *,
        context: BoltContext,  # noqa: ARG002 - Bolt passes it by name
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,
        **_: str | None,
    ) -> AuthorizeResult | None:
        """The workspace's token; None where the app is not installed."""
        access = self._installations.access(team_id or "", enterprise_id)
        if access is None:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_id=access.bot_id,
            bot_user_id=access.bot_user_id,
            bot_token=access.token,
            user_id=user_id,
        )
