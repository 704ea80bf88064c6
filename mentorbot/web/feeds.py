"""Private calendars over HTTP: whoever has the address reads the dates, and nothing else."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from mentorbot.bootstrap import MentorBot
from mentorbot.calendars import CONTENT_TYPE
from mentorbot.domain.programme import parse_stored
from mentorbot.slack.calendar import PATH, content_of
from mentorbot.storage import feeds, participants, people

LONGEST_TOKEN = 100
HEADERS = {"Cache-Control": "private, max-age=900", "X-Robots-Tag": "noindex"}


def feed_route(bot: MentorBot) -> Route:
    """`/calendar/WORKSPACE/TOKEN.ics`: 404 for what is unknown, or was taken back."""

    async def answer(request: Request) -> Response:
        return await run_in_threadpool(_answer, bot, request.path_params)

    return Route(f"{PATH}/{{workspace}}/{{token}}.ics", answer, methods=["GET"])


def _answer(bot: MentorBot, asked: dict[str, Any]) -> Response:
    content = None
    if len(asked["token"]) <= LONGEST_TOKEN and len(asked["workspace"]) <= LONGEST_TOKEN:
        content = _content(bot, asked["workspace"], asked["token"])
    if content is None:
        return PlainTextResponse("There is no calendar at this address.", status_code=404)
    return Response(content, media_type=CONTENT_TYPE, headers=HEADERS)


def _content(bot: MentorBot, workspace_id: str, token: str) -> bytes | None:
    with bot.store.read(workspace_id) as tx:
        workspace = people.workspace(tx)
        if workspace is None or workspace.uninstalled_at is not None:
            return None
        found = feeds.by_token(tx, token)
        person = people.person(tx, found.slack_user_id) if found else None
        if found is None or person is None or person.is_deactivated:
            return None
        files = [parse_stored(it.definition) for it in participants.programmes(tx)]
        if not files:
            return None
        return content_of(tx, files, found.slack_user_id, bot.clock(), person.locale)
