"""Health for whoever keeps the bot running: is it alive, and is it ready for work?

Alive means that this process answers and its heart beats; ready, that the database answers too, is
of this version and saves what it is given. How late messages are is told and never makes the bot
unready: when Slack is down, every copy would be taken away from the people who click.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.messages import MessageState
from mentorbot.storage import ledger, migration, outbox, soundness
from mentorbot.storage.store import reason

MOST_SILENCE_SECONDS = 30
"""A heart that has been still for longer has stopped."""

_TOLD = (MessageState.DEAD, MessageState.UNKNOWN, *ledger.NEVER_SENT)

Report = dict[str, Any]


def health_routes(bot: MentorBot) -> list[Route]:
    """`/healthz` and `/readyz`: 200 or 503, with what was found."""
    return [Route("/healthz", _reporting(bot, _alive)), Route("/readyz", _reporting(bot, _ready))]


def _reporting(bot: MentorBot, look: Callable[[MentorBot], Report]) -> Callable[..., Any]:
    async def report(_request: Request) -> Response:
        found = await run_in_threadpool(look, bot)
        status = 200 if found["ok"] else 503
        return JSONResponse(found, status_code=status, headers={"Cache-Control": "no-store"})

    return report


def _alive(bot: MentorBot) -> Report:
    age_seconds = bot.pulse.age_seconds()
    return {"ok": age_seconds < MOST_SILENCE_SECONDS, "heartbeat_seconds": round(age_seconds, 1)}


def _ready(bot: MentorBot) -> Report:
    found = _alive(bot) | {"database": "ok", "migrations": "unknown"}
    found |= {"oldest_due_seconds": None, "messages": None, "mail": bot.mail.trouble or "ok"}
    is_usable = False
    try:
        version = migration.version(bot.store.engine)
        found["migrations"], is_usable = str(version), version.is_usable
        if is_usable:
            found["oldest_due_seconds"], found["messages"] = _messages(bot)
        if bot.store.trouble:
            soundness.write(bot.store)
    except SQLAlchemyError as error:
        found["database"] = reason(error)
    found["ok"] = found["ok"] and is_usable and found["database"] == "ok"
    return found


def _messages(bot: MentorBot) -> tuple[float, dict[str, int]]:
    """How late the oldest message is that waits, and how many failed or were never sent."""
    ages, counts = [0.0], Counter[str]({str(state): 0 for state in _TOLD})
    for workspace_id in bot.store.workspace_ids():
        with bot.store.read(workspace_id) as tx:
            for queue in outbox.queues(tx, bot.clock()):
                if queue.state in _TOLD:
                    counts[queue.state] += queue.count
                else:
                    ages.append(queue.oldest_seconds)
            counts.update(ledger.never_sent(tx))
    return round(max(ages), 1), dict(counts)
