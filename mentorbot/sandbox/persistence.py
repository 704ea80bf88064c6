"""The workspace on disk: one JSON file, and the files' contents in a folder beside it."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from mentorbot.sandbox.clock import VirtualClock
from mentorbot.sandbox.errors import SpoiltWorkspace
from mentorbot.sandbox.records import (
    Conversation,
    Json,
    Posting,
    ReplyTicket,
    ShownView,
    StoredFile,
    User,
)
from mentorbot.sandbox.state import State

FORMAT = 1


def save(state: State, path: Path) -> None:
    """Write the workspace, in place of what was there; a reader never sees half of it."""
    with state.lock:
        snapshot = _snapshot(state)
        contents = {file.id: file.content for file in state.files.values() if file.uploaded}
    folder = _folder(path)
    folder.mkdir(parents=True, exist_ok=True)
    for file_id, content in contents.items():
        kept = folder / file_id
        if not kept.exists():
            _write(kept, content)
    _write(path, json.dumps(snapshot, ensure_ascii=False).encode())


def load(state: State, clock: VirtualClock, path: Path) -> None:
    """Take the workspace and the clock back to what was saved; raises `SpoiltWorkspace`."""
    try:
        _load(state, clock, path)
    except SpoiltWorkspace:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SpoiltWorkspace(f"{path} cannot be read ({type(error).__name__})") from error


def forget(path: Path) -> None:
    """Remove a saved workspace, and nothing else."""
    for kept in (path, path.with_name(f"{path.name}.part")):
        kept.unlink(missing_ok=True)
    if _folder(path).is_dir():
        shutil.rmtree(_folder(path))


def _load(state: State, clock: VirtualClock, path: Path) -> None:
    data = json.loads(path.read_text(encoding="utf-8"))
    if data.get("format") != FORMAT:
        raise SpoiltWorkspace(f"{path} was written by another version of the sandbox")
    clock.set(datetime.fromisoformat(data["now"]))
    state.last_ts = data["last_ts"]
    state.numbers = data["numbers"]
    state.users = {it["id"]: User(**it) for it in data["users"]}
    state.conversations = {it["id"]: _conversation(it) for it in data["conversations"]}
    state.files = {it["id"]: _file(it, _folder(path)) for it in data["files"]}
    state.homes = {it["slack_user_id"]: ShownView(**it) for it in data["homes"]}
    state.reply_tickets = {key: ReplyTicket(**it) for key, it in data["reply_tickets"].items()}


def _snapshot(state: State) -> Json:
    files = [asdict(file) for file in state.files.values()]
    for file in files:
        del file["content"]
    return {
        "format": FORMAT,
        "now": state.clock().isoformat(),
        "last_ts": state.last_ts,
        "numbers": dict(state.numbers),
        "users": [asdict(user) for user in state.users.values()],
        "conversations": [asdict(it) for it in state.conversations.values()],
        "files": files,
        "homes": [asdict(home) for home in state.homes.values()],
        "reply_tickets": {key: asdict(it) for key, it in state.reply_tickets.items()},
    }


def _conversation(data: Json) -> Conversation:
    postings = [Posting(**posting) for posting in data["postings"]]
    return Conversation(**{**data, "postings": postings})


def _file(data: Json, folder: Path) -> StoredFile:
    content = (folder / data["id"]).read_bytes() if data["uploaded"] else b""
    return StoredFile(**data, content=content)


def _folder(path: Path) -> Path:
    return path.with_name(path.stem + ".files")


def _write(path: Path, content: bytes) -> None:
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    unfinished.replace(path)
