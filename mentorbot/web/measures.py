"""`/metrics`: what the bot has counted, and how full the outbox is now."""

from collections import Counter
from collections.abc import Iterator

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mentorbot.bootstrap import MentorBot
from mentorbot.domain.messages import MessageState
from mentorbot.storage import ledger, outbox

log = structlog.get_logger(__name__)
_WAITING = (MessageState.PENDING, MessageState.SENDING, MessageState.UNKNOWN, MessageState.DEAD)


def metrics_route(bot: MentorBot) -> Route:
    """Prometheus's text format."""
    registry = bot.metrics.registry
    registry.register(OutboxNow(bot))

    async def measures(_request: Request) -> Response:
        text = await run_in_threadpool(generate_latest, registry)
        return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})

    return Route("/metrics", measures)


class OutboxNow(Collector):
    """Queue depth and age by state, looked up at each scrape; and the heart's stillness."""

    def __init__(self, bot: MentorBot) -> None:
        self._bot = bot

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """What there will be, so that nothing is looked up when this is registered."""
        yield from _families()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The present values; without a database, what can be told without one."""
        depth, age, pulse, database = _families()
        pulse.add_metric([], self._bot.pulse.age_seconds())
        try:
            counts, ages = self._queues()
        except SQLAlchemyError as error:
            log.warning("metrics.no_database", error=type(error).__name__)
            database.add_metric([], 0)
        else:
            database.add_metric([], 1)
            for state in (*_WAITING, *ledger.NEVER_SENT):
                depth.add_metric([state], counts[state])
            for state in _WAITING:
                age.add_metric([state], ages.get(state, 0.0))
        yield from (depth, age, pulse, database)

    def _queues(self) -> tuple[Counter[MessageState], dict[MessageState, float]]:
        counts: Counter[MessageState] = Counter()
        ages: dict[MessageState, float] = {}
        for workspace_id in self._bot.store.workspace_ids():
            with self._bot.store.read(workspace_id) as tx:
                for queue in outbox.queues(tx, self._bot.clock()):
                    counts[queue.state] += queue.count
                    ages[queue.state] = max(ages.get(queue.state, 0.0), queue.oldest_seconds)
                counts.update(ledger.never_sent(tx))
        return counts, ages


def _families() -> tuple[
    GaugeMetricFamily, GaugeMetricFamily, GaugeMetricFamily, GaugeMetricFamily
]:
    return (
        GaugeMetricFamily(
            "mentorbot_outbox_messages",
            "Messages that wait, failed, or were never sent.",
            labels=["state"],
        ),
        GaugeMetricFamily(
            "mentorbot_outbox_oldest_seconds",
            "How long the oldest message of a state is past its time.",
            labels=["state"],
        ),
        GaugeMetricFamily("mentorbot_heartbeat_age_seconds", "How long the heart has been still."),
        GaugeMetricFamily("mentorbot_database_up", "1 where the database answers."),
    )
