"""slack_sdk's stores over our database: who installed the app, and installing under way."""

from datetime import UTC, datetime

from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import SQLAlchemyOAuthStateStore
from sqlalchemy import MetaData, delete

from mentorbot.bootstrap import MentorBot
from mentorbot.usecases import admin

metadata = MetaData()
"""Tables whose shape is slack_sdk's; our migrations make them."""
SQLAlchemyInstallationStore.build_bots_table(
    metadata, SQLAlchemyInstallationStore.default_bots_table_name
)
SQLAlchemyInstallationStore.build_installations_table(
    metadata, SQLAlchemyInstallationStore.default_installations_table_name
)
SQLAlchemyOAuthStateStore.build_oauth_states_table(
    metadata, SQLAlchemyOAuthStateStore.default_table_name
)

STATE_SECONDS = 600


class Installed(SQLAlchemyInstallationStore):
    """The tokens of every workspace and organisation; a new installation makes itself known."""

    def __init__(self, bot: MentorBot) -> None:
        super().__init__(bot.settings.slack_client_id, bot.store.engine)
        self._bot = bot

    def save(self, installation: Installation) -> None:
        """Keep an installation; its workspace may be sent to from now on."""
        super().save(installation)
        if installation.team_id and not installation.is_enterprise_install:
            with self._bot.store.begin(installation.team_id) as tx:
                admin.know_workspace(
                    tx,
                    installation.team_name or "",
                    installation.bot_user_id or "",
                    self._bot.clock(),
                    installation.enterprise_id,
                )
        self._bot.knock.set()


class States(SQLAlchemyOAuthStateStore):
    """The state parameters of installing under way: each serves once, within ten minutes."""

    def __init__(self, bot: MentorBot) -> None:
        super().__init__(STATE_SECONDS, bot.store.engine)

    def issue(self, *_: object, **__: object) -> str:
        """A new state; those that ran out are dropped, so that visitors do not fill the table."""
        found = self.oauth_states.c
        with self.engine.begin() as connection:
            connection.execute(delete(self.oauth_states).where(found.expire_at <= _now()))
        return super().issue()

    def consume(self, state: str) -> bool:
        """Use a state up; one of two that come at the same time is refused."""
        found = self.oauth_states.c
        with self.engine.begin() as connection:
            used = connection.execute(
                delete(self.oauth_states).where(found.state == state, found.expire_at > _now())
            )
        return used.rowcount == 1


def _now() -> datetime:
    """The machine's time, without a zone, as slack_sdk keeps it."""
    return datetime.now(UTC).replace(tzinfo=None)
