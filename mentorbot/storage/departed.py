"""Deleting a whole workspace, in slices that keep nobody waiting."""

from sqlalchemy import delete, select, tuple_

from mentorbot.storage import tables
from mentorbot.storage.store import Transaction

AT_ONCE = 1000


def delete_some(tx: Transaction) -> bool:
    """Delete up to `AT_ONCE` rows of the workspace, its own row last; whether any is left."""
    ours = [it for it in reversed(tables.metadata.sorted_tables) if "workspace_id" in it.c]
    ours.sort(key=lambda it: it is tables.workspaces)
    for table in ours:
        key = tuple(table.primary_key.columns)
        some = select(*key).where(table.c.workspace_id == tx.workspace_id).limit(AT_ONCE)
        gone = delete(table).where(tuple_(*key).in_(some)).returning(table.c.workspace_id)
        if tx.session.execute(gone).all():
            return table is not tables.workspaces
    return False
