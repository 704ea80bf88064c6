"""The app being uninstalled, or its token revoked: sending stops, everything is kept."""

from slack_bolt import App

from mentorbot.bootstrap import MentorBot
from mentorbot.slack.guard import Call, guard
from mentorbot.slack.installation import installations_of


def uninstalled(call: Call) -> None:
    """Nobody wants the bot there any more."""
    enterprise_id = call.body.get("enterprise_id")
    installations_of(call.bot).forget(call.workspace_id, enterprise_id)


def revoked(call: Call) -> None:
    """Tokens were revoked; only the bot's concerns us, for we hold nobody else's."""
    if call.body["event"].get("tokens", {}).get("bot"):
        uninstalled(call)


def register(app: App, bot: MentorBot) -> None:
    """Listen to the end of an installation."""
    app.event("app_uninstalled")(guard(bot, uninstalled))
    app.event("tokens_revoked")(guard(bot, revoked))
