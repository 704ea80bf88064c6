"""Erasures in a file beside the database, so that a database restored from before can repeat them.

One line each: the erasure's id, the instant, the workspace, the digest. Lines are only appended.
"""

import os
from datetime import datetime
from pathlib import Path

import structlog

from mentorbot.domain.erasures import Erasure

log = structlog.get_logger(__name__)


def append(path: Path, erasure: Erasure) -> None:
    """Write an erasure down, on the disk before this returns; raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    at = erasure.erased_at.isoformat()
    line = f"{erasure.erasure_id} {at} {erasure.workspace_id} {erasure.digest}\n"
    opened = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.fstat(opened).st_size
        is_torn = size > 0 and os.pread(opened, 1, size - 1) != b"\n"
        os.write(opened, ("\n" + line if is_torn else line).encode())
        os.fsync(opened)
    finally:
        os.close(opened)


def read(path: Path) -> list[Erasure]:
    """Every erasure that was written down, oldest first; a line cut short is left out."""
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    found = [_erasure(line) for line in lines if line.strip()]
    unreadable = found.count(None)
    if unreadable:
        log.warning("erasures.unreadable", file=str(path), lines=unreadable)
    return [erasure for erasure in found if erasure is not None]


def _erasure(line: str) -> Erasure | None:
    try:
        erasure_id, at, workspace_id, digest = line.split()
        erased_at = datetime.fromisoformat(at)
    except ValueError:
        return None
    if len(digest) != 64 or erased_at.tzinfo is None:
        return None
    return Erasure(workspace_id, digest, erasure_id, erased_at)
