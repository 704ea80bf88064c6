"""The daily sweep: goes through the workspace's people for what no event told us.

Slack redelivers an event three times within an hour or so; a bot that was away for longer has
missed joins and deactivations, and finds them here: those of the workspace in `users.list`, those
of the programme's channel in `conversations.members`.
"""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.model import Workspace
from mentorbot.slack.profiles import addressed, person_from_profile
from mentorbot.storage import participants, people
from mentorbot.usecases import inviting, membership, tick

log = structlog.get_logger(__name__)
EVERY = timedelta(days=1)
PAGE = 200
AT_ONCE = 50
PEOPLE_SECONDS, MEMBERS_SECONDS = 3.0, 0.6
"""Between pages: Slack's tier 2 allows 20 calls a minute, tier 4 allows 100."""
UNSEEN = ("channel_not_found", "not_in_channel", "fetch_members_failed")
"""What Slack says of a channel in which the bot is not, or that is gone."""
Sleep = Callable[[float], None]


def sweep_if_due(
    bot: MentorBot, client: WebClient, workspace_id: str, sleep: Sleep = time.sleep
) -> bool:
    """Sweep a workspace whose last sweep is a day old; whether one was made.

    It sleeps between pages, outside any transaction. Raises Slack's errors; a sweep that was cut
    short begins again and repeats nothing.
    """
    now = bot.clock()
    with bot.store.read(workspace_id) as tx:
        workspace = people.workspace(tx)
    if workspace is None or (workspace.swept_at and now - workspace.swept_at < EVERY):
        return False
    _go_through_people(bot, client, workspace, now, sleep)
    with bot.store.read(workspace_id) as tx:
        channel_ids = {programme.channel_id for programme in participants.programmes(tx)}
    for channel_id in sorted(channel_ids):
        _go_through_channel(bot, client, workspace_id, channel_id, sleep)
    with bot.store.begin(workspace_id) as tx:
        people.swept(tx, now)
        tick.tidy(tx, now)
    bot.knock.set()
    log.info("swept", workspace=workspace_id)
    return True


def _go_through_people(
    bot: MentorBot, client: WebClient, workspace: Workspace, now: datetime, sleep: Sleep
) -> None:
    is_first_sweep = workspace.swept_at is None
    everyone = _everyone(client, sleep)
    while some := list(islice(everyone, AT_ONCE)):
        with bot.store.begin(workspace.workspace_id) as tx:
            for user in some:
                seen = person_from_profile(tx.workspace_id, user)
                membership.passed_by(tx, seen, now, is_first_sweep=is_first_sweep)
            inviting.link(tx, addressed(some), now)


def _everyone(client: WebClient, sleep: Sleep) -> Iterator[dict[str, Any]]:
    for page in _pages(client.users_list, sleep, PEOPLE_SECONDS, include_locale=True):
        yield from page["members"]


def _go_through_channel(
    bot: MentorBot, client: WebClient, workspace_id: str, channel_id: str, sleep: Sleep
) -> None:
    try:
        pages = _pages(client.conversations_members, sleep, MEMBERS_SECONDS, channel=channel_id)
        for page in pages:
            with bot.store.begin(workspace_id) as tx:
                membership.in_channel(tx, channel_id, page["members"], bot.clock())
    except SlackApiError as error:
        if error.response.get("error") not in UNSEEN:
            raise
        log.warning("sweep.channel_unseen", workspace=workspace_id, channel=channel_id)
        return
    with bot.store.begin(workspace_id) as tx:
        membership.channel_looked_through(tx, channel_id, bot.clock())


def _pages(
    method: Callable[..., Any], sleep: Sleep, wait_seconds: float, **arguments: Any
) -> Iterator[Any]:
    """Every page of a listing, at the pace that its tier allows."""
    cursor = None
    while True:
        page = method(limit=PAGE, cursor=cursor, **arguments)
        yield page
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return
        sleep(wait_seconds)
