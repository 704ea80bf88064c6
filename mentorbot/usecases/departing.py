"""Workspaces that uninstalled the app: kept for a while, then erased with all that is in them."""

from datetime import datetime, timedelta

from mentorbot.domain.erasures import Erasure, of_workspace
from mentorbot.storage import people
from mentorbot.storage.store import Transaction


def is_over(tx: Transaction, retention: timedelta, now: datetime) -> bool:
    """Whether a workspace has been without the app for as long as its data is kept."""
    workspace = people.workspace(tx)
    if workspace is None or workspace.uninstalled_at is None:
        return False
    return now - workspace.uninstalled_at >= retention


def erasure(tx: Transaction, now: datetime) -> Erasure:
    """What is written down before a workspace is erased."""
    return Erasure(tx.workspace_id, of_workspace(tx.workspace_id), tx.new_id(), now)


def came_back(tx: Transaction, erasures: list[Erasure]) -> bool:
    """Whether a backup has brought a workspace back that was erased after it was installed."""
    workspace, whole = people.workspace(tx), of_workspace(tx.workspace_id)
    return workspace is not None and any(
        it.digest == whole and it.erased_at > workspace.installed_at for it in erasures
    )
