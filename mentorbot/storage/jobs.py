"""Jobs of the procrastinate engine: asked for in the transaction of their cause.

Only its SQL functions are used here, over our own connection, so that a job exists exactly when
what it is for does.
"""

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from mentorbot.storage.store import Transaction, is_ours_alone

QUEUE = "lanes"
DRAIN = "drain"
MOST_TRIES = 5
_HOLD = text(
    "SELECT pg_notify('procrastinate_queue_v1#' || queue_name,"
    " json_build_object('type', 'job_inserted', 'job_id', id)::text)"
    " FROM procrastinate_jobs WHERE queueing_lock = :lane AND status = 'todo' FOR SHARE"
)
_DEFER = text(
    "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(:queue, :task, 0, :lane, :lane,"
    " jsonb_build_object('workspace_id', CAST(:lane AS text)), NULL)"
    "::procrastinate_job_to_defer_v1])"
)
_FREE = text(
    "DELETE FROM procrastinate_jobs j WHERE j.queue_name = :queue AND j.status = 'doing'"
    " AND NOT EXISTS (SELECT 1 FROM procrastinate_workers w WHERE w.id = j.worker_id"
    " AND w.last_heartbeat > now() - make_interval(secs => :stalled_seconds))"
    " RETURNING j.lock"
)


def ask_for_drain(tx: Transaction) -> None:
    """See that a worker looks at this workspace once the transaction is committed.

    A job that waits already is held until then: a worker that took it sooner would not see what
    this transaction writes. Where none waits, one is added; another process may add one at the
    same moment, and the savepoint keeps that from undoing this transaction.
    """
    names = {"queue": QUEUE, "task": DRAIN, "lane": tx.workspace_id}
    for _try in range(MOST_TRIES):
        if tx.session.execute(_HOLD, names).first() is not None:
            return
        try:
            with tx.session.begin_nested():
                tx.session.execute(_DEFER, names)
            return
        except IntegrityError:
            continue


def free_dead_lanes(engine: Engine, stalled_seconds: float) -> list[str]:
    """Take the jobs away from workers that show no life; the workspaces that nobody works on now.

    A stalled job is not put back but replaced: back in the queue it would collide with one that
    waits for the same lane.
    """
    with engine.begin() as connection:
        given = {"queue": QUEUE, "stalled_seconds": stalled_seconds}
        return list(connection.scalars(_FREE, given))


def can_listen(engine: Engine) -> bool:
    """Whether notifications reach whoever listens; in a pooled session a LISTEN is lost."""
    with engine.connect() as connection:
        return is_ours_alone(connection.connection.driver_connection)


def is_set_up(connection: Connection) -> bool:
    """Whether procrastinate's own tables are there."""
    return connection.scalar(text("SELECT to_regclass('procrastinate_jobs')")) is not None


def set_up(connection: Connection) -> None:
    """Create procrastinate's own tables, from the schema that it ships."""
    if is_set_up(connection):
        return
    from procrastinate.schema import SchemaManager

    cursor = connection.connection.cursor()
    cursor.execute(SchemaManager.get_schema())
    cursor.close()
