"""What a run may be: each scenario plays on the stage and returns its figures."""

import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from mentorbot.domain.messages import Attempt, Message, MessageKind, MessageState
from tests.faults.chaos import intents, trail
from tests.faults.chaos.intents import Intent, verdict
from tests.faults.chaos.plan import Blow, moments
from tests.faults.chaos.processes import Progress
from tests.faults.chaos.record import Posting
from tests.faults.chaos.run import SPEED, Stage

Figures = dict[str, Any]
OUTAGE = timedelta(hours=6)
OUTAGE_SPEED, DRAIN_SPEED = 1200.0, 3.0


def plain(stage: Stage) -> Figures:
    """Kills, stops, crashes and faults from the first message to the last."""
    meant = stage.size.meant()
    begun = _begin(stage, meant)
    blows = moments(stage.rng, stage.size.messages * 9 // 10, stage.size.blows)
    progress = stage.play(blows, stage.is_drained)
    return _figures(stage, meant, progress, begun)


def restore(stage: Stage) -> Figures:
    """A third of the way a backup is taken; another third later it is put back in mid-send."""
    meant = stage.size.meant()
    begun = _begin(stage, meant)
    third = stage.size.messages // 3
    blows = moments(stage.rng, 3 * third, stage.size.blows)
    early = [blow for blow in blows if blow.after < third]
    midway = [blow for blow in blows if third <= blow.after < 2 * third]
    late = [blow for blow in blows if 2 * third <= blow.after]
    stage.play(early, lambda progress: progress.taken >= third)
    stage.senders.kill_all()
    stage.home.back_up(stage.bot)
    stage.play(midway, lambda progress: progress.taken >= 2 * third)
    stage.senders.kill_all()
    stage.home.restore(stage.bot)
    progress = stage.play(late, stage.is_drained)
    return _figures(stage, meant, progress, begun)


def history_unavailable(stage: Stage) -> Figures:
    """Slack lets nobody look: what is in doubt is not said again, and the coordinator hears of it.

    `unalerted` are those of unknown fate of which no alert stands in Slack, unless it is itself of
    unknown fate; what arrived nowhere and is not called unknown either is lost.
    """
    size = stage.size
    meant = _buttons(stage) + [
        intents.welcomed(number, size.workspaces) for number in range(size.messages)
    ]
    del meant[size.messages :]
    stage.slack.behave(refused={"conversations.history": "missing_scope"})
    begun = _begin(stage, meant)
    blows = moments(stage.rng, size.messages * 9 // 10, size.blows)
    progress = stage.play(blows, stage.is_drained)
    figures = _figures(stage, meant, progress, begun)
    postings = stage.slack.postings(stage.folder)
    unknown = _rows(stage, MessageState.UNKNOWN)
    alerts = {row.params["about"] for row in unknown if row.kind is MessageKind.UNREACHABLE}
    doubted = [row for row in unknown if row.kind is not MessageKind.UNREACHABLE]
    told = [posting.text for posting in postings if posting.readers == intents.COORDINATOR]
    silent = [
        row
        for row in doubted
        if row.recipients[0] not in alerts and not any(row.recipients[0] in text for text in told)
    ]
    known = {(row.workspace_id, row.recipients[0]) for row in doubted}
    lost = [
        one for one in verdict(meant, postings).lost if (one.workspace_id, one.readers) not in known
    ]
    counted = {"lost": len(lost), "unknown": len(doubted), "unalerted": len(silent)}
    return figures | counted | {"alerts_in_doubt": len(alerts)}


def outage(stage: Stage) -> Figures:
    """Slack is away for six hours, in which a tenth of the messages goes stale; then it is back.

    `of_limit` is the pace of the backlog's middle, as a share of what all workspaces together may
    send. Blows have no part in it.
    """
    size = stage.size
    fresh = _buttons(stage) + [
        intents.welcomed(number, size.workspaces) for number in range(size.messages * 9 // 10)
    ]
    stage.slack.behave(is_down=True)
    begun = _begin(stage, fresh)
    stale = _write_stale(stage, size.messages - len(fresh))
    stage.go_at(OUTAGE_SPEED)
    back_at = stage.now() + OUTAGE
    stage.play([], lambda _progress: stage.now() >= back_at)
    stage.go_at(DRAIN_SPEED)
    back_at = stage.now()
    stage.slack.behave(is_down=False)
    stage.play([], lambda progress: progress.taken >= len(fresh) * 19 // 20)
    stage.go_at(SPEED)
    progress = stage.play([], stage.is_drained)
    postings = stage.slack.postings(stage.folder)
    expired = [row for row in _rows(stage, MessageState.EXPIRED) if _is_audited(stage, row)]
    return _figures(stage, fresh, progress, begun) | {
        "expired": len(expired),
        "unaudited": len(stale) - len(expired),
        "late": sum(posting.readers in stale for posting in postings),
        **_pace(stage, postings, back_at),
    }


def _begin(stage: Stage, meant: list[Intent]) -> float:
    stage.prepare(meant)
    stage.slack.behave(share=stage.size.faults)
    return time.monotonic()


def _buttons(stage: Stage) -> list[Intent]:
    names = (intents.workspace_name(number) for number in range(stage.size.workspaces))
    return [Intent(name, intents.CHANNEL, intents.PLAIN) for name in names]


def _write_stale(stage: Stage, how_many: int) -> set[str]:
    """Messages that are worth saying for half of the outage; their readers."""
    readers = {f"U0LATE{number:06d}" for number in range(how_many)}
    with stage.bot.store.begin(intents.workspace_name(0)) as tx:
        for reader in sorted(readers):
            intents.expiring(tx, reader, stage.now(), OUTAGE.total_seconds() / 2)
    return readers


def _rows(stage: Stage, state: MessageState) -> list[Message]:
    """Messages in a state, in every workspace."""
    found: list[Message] = []
    for workspace_id in stage.bot.store.workspace_ids():
        with stage.bot.store.read(workspace_id) as tx:
            query = select(Message).filter_by(workspace_id=workspace_id, state=state)
            found.extend(tx.session.scalars(query))
    return found


def _is_audited(stage: Stage, row: Message) -> bool:
    key = {"workspace_id": row.workspace_id, "message_id": row.message_id}
    with stage.bot.store.read(row.workspace_id) as tx:
        return bool(tx.session.scalars(select(Attempt).filter_by(**key)).first())


def _pace(stage: Stage, postings: Iterable[Posting], back_at: datetime) -> Figures:
    arrived = sorted(float(posting.ts) for posting in postings)
    first, last = len(arrived) // 20, len(arrived) * 9 // 10
    per_minute = 60 * (last - first) / (arrived[last] - arrived[first])
    limit = stage.bot.settings.mentorbot_messages_per_minute * stage.size.workspaces
    return {
        "resumed_after_seconds": round(arrived[0] - back_at.timestamp(), 1),
        "of_limit": round(per_minute / limit, 3),
    }


def _figures(stage: Stage, meant: list[Intent], progress: Progress, begun: float) -> Figures:
    seconds = time.monotonic() - begun
    stage.senders.kill_all()
    postings = stage.slack.postings(stage.folder)
    found = verdict(meant, postings)
    lost = [] if _rows(stage, MessageState.UNKNOWN) else found.lost
    trail.leave(stage, [*lost, *found.repeated], postings)
    return {
        "messages": len(meant),
        "kills": stage.blows[Blow.KILL],
        "stops": stage.blows[Blow.STOP],
        "db_crashes": stage.blows[Blow.CRASH],
        "faults": sum(progress.faults.values()),
        "lost": len(found.lost),
        "repeated": len(found.repeated),
        "taken_back": progress.taken_back,
        "look_ups": progress.look_ups,
        "failed": stage.senders.failed,
        "seconds": round(seconds, 1),
        "workers": stage.size.workers,
        "seed": stage.size.seed,
    }


SCENARIOS: dict[str, Callable[[Stage], Figures]] = {
    "plain": plain,
    "restore": restore,
    "history-unavailable": history_unavailable,
    "outage": outage,
}
