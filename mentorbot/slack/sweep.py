"""The daily sweep: goes through the workspace's people for what no event told us.

Slack redelivers an event three times within an hour or so; a bot that was away for longer has
missed joins and deactivations, and finds them here.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

import structlog
from slack_sdk import WebClient

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.model import Person
from mentorbot.slack.profiles import person_from_profile
from mentorbot.storage import people
from mentorbot.usecases import membership, tick

log = structlog.get_logger(__name__)
EVERY = timedelta(days=1)
PAGE = 200
AT_ONCE = 50


def sweep_if_due(bot: MentorBot, client: WebClient, workspace_id: str) -> bool:
    """Sweep a workspace whose last sweep is a day old; whether one was made.

    Raises Slack's errors; a sweep that was cut short begins again and repeats nothing.
    """
    now = bot.clock()
    with bot.store.read(workspace_id) as tx:
        workspace = people.workspace(tx)
    if workspace is None or (workspace.swept_at and now - workspace.swept_at < EVERY):
        return False
    is_first_sweep = workspace.swept_at is None
    everyone = _everyone(client, workspace_id)
    while some := list(islice(everyone, AT_ONCE)):
        with bot.store.begin(workspace_id) as tx:
            for seen in some:
                membership.passed_by(tx, seen, now, is_first_sweep=is_first_sweep)
    with bot.store.begin(workspace_id) as tx:
        people.swept(tx, now)
        tick.tidy(tx, now)
    bot.knock.set()
    log.info("swept", workspace=workspace_id)
    return True


def _everyone(client: WebClient, workspace_id: str) -> Iterator[Person]:
    cursor = None
    while True:
        page = client.users_list(limit=PAGE, cursor=cursor, include_locale=True)
        for user in page["members"]:
            yield person_from_profile(workspace_id, user)
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            return
