"""What befell a message that was lost or stands twice: its row, its tries, its calls, the blows."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import select

from mentorbot.domain.messages import Attempt, Message
from tests.faults.chaos.intents import Intent, said
from tests.faults.chaos.record import Posting
from tests.faults.chaos.run import Stage

MOST_SAID = 3
Trail = dict[str, Any]


def leave(stage: Stage, bad: Iterable[Intent], postings: Iterable[Posting]) -> None:
    """Write the trails of intents to `trail.json` in the stage's folder, and say the first few."""
    wanted = set(bad)
    if not wanted:
        return
    calls = stage.slack.calls(stage.folder)
    copies = [posting for posting in postings if said(posting) in wanted]
    trails = [_trail(stage, intent, copies, calls) for intent in sorted(wanted, key=str)]
    path = stage.folder / "trail.json"
    path.write_text(json.dumps(trails, indent=1, default=str), encoding="utf-8")
    for trail in trails[:MOST_SAID]:
        stage.say(json.dumps(trail, default=str))


def read(folder: Path) -> list[Trail]:
    """The trails that a run has left."""
    found: list[Trail] = json.loads((folder / "trail.json").read_text(encoding="utf-8"))
    return found


def _trail(stage: Stage, intent: Intent, copies: list[Posting], calls: list[Trail]) -> Trail:
    mine = [posting for posting in copies if said(posting) == intent]
    row, tries = _row(stage, intent, {posting.key for posting in mine})
    names = {(row or {}).get("key"), *(posting.key for posting in mine)} - {None, ""}
    channels = {call["channel"] for call in calls if call["key"] in names} - {""}
    about = [
        call
        for call in calls
        if call["workspace"] == intent.workspace_id
        and (call["key"] in names or (not call["key"] and call["channel"] in channels))
    ]
    senders = {call["sender"] for call in about}
    return {
        "intent": vars(intent),
        "in_slack": [vars(posting) for posting in mine],
        "row": row,
        "tries": tries,
        "calls": about,
        "blows": [blow for blow in stage.struck if blow["to"] in senders | {""}],
    }


def _row(stage: Stage, intent: Intent, keys: set[str]) -> tuple[Trail | None, list[Trail]]:
    """The intent's message as the outbox has it, and what was noted of its tries."""
    with stage.bot.store.read(intent.workspace_id) as tx:
        rows = tx.session.scalars(select(Message).filter_by(workspace_id=intent.workspace_id))
        for row in rows:
            is_it = row.key in keys or (not keys and row.dedupe_key.startswith(f"{intent.mark}:"))
            if is_it:
                told = ("message_id", "state", "slack_ts", "lease_by", "intent_at", "settled_at")
                tried = select(Attempt).filter_by(
                    workspace_id=intent.workspace_id, message_id=row.message_id
                )
                tries = [
                    {"at": one.at, "outcome": one.outcome, "detail": one.detail}
                    for one in tx.session.scalars(tried)
                ]
                return {"key": row.key, **{name: getattr(row, name) for name in told}}, tries
    return None, []
