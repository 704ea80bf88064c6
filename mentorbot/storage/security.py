"""Row-level security on PostgreSQL: a second lock behind the filters of every query.

Each transaction names its workspace (`Store.begin`); a row of another is neither seen nor written,
whatever a query forgot, and not by the tables' owner either. Only the list of workspaces can be
read whole, by a transaction that asks for it in so many words.
"""

from sqlalchemy import Connection, text

_MINE = "workspace_id = current_setting('mentorbot.workspace_id', true)"
_EVERY = "current_setting('mentorbot.every_workspace', true) = 'on'"
_TENANTS = text(
    "SELECT c.relname, c.relforcerowsecurity FROM pg_class c"
    " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id'"
    " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')"
    " ORDER BY c.relname"
)
_USABLE = text(
    "SELECT coalesce(bool_and(has_table_privilege(:role, c.oid, 'INSERT')), true) FROM pg_class c"
    " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')"
)


def is_secured(connection: Connection, app_role: str | None) -> bool:
    """Whether every tenant's table is guarded and the role can use them all."""
    guarded = all(is_forced for _table, is_forced in connection.execute(_TENANTS))
    return guarded and (app_role is None or bool(connection.scalar(_USABLE, {"role": app_role})))


def suspend(connection: Connection) -> None:
    """Let the owner see every row until `secure`, in the same transaction: a migration must."""
    for table, is_forced in connection.execute(_TENANTS).all():
        if is_forced:
            connection.execute(text(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY'))


def secure(connection: Connection, app_role: str | None) -> None:
    """Guard every table that has a `workspace_id`, and let a role use everything it needs."""
    for table, _is_forced in connection.execute(_TENANTS).all():
        for statement in (
            f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
            f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
            f'DROP POLICY IF EXISTS own_workspace ON "{table}"',
            f'CREATE POLICY own_workspace ON "{table}" USING ({_MINE}) WITH CHECK ({_MINE})',
        ):
            connection.execute(text(statement))
    connection.execute(text("DROP POLICY IF EXISTS every_workspace ON workspace"))
    connection.execute(
        text(f"CREATE POLICY every_workspace ON workspace FOR SELECT USING ({_EVERY})")
    )
    if app_role is not None:
        _grant(connection, app_role)


def _grant(connection: Connection, app_role: str) -> None:
    role = connection.dialect.identifier_preparer.quote(app_role)
    schema = connection.scalar(text("SELECT quote_ident(current_schema())"))
    for rights in (
        f"USAGE ON SCHEMA {schema}",
        f"SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema}",
        f"USAGE ON ALL SEQUENCES IN SCHEMA {schema}",
    ):
        connection.execute(text(f"GRANT {rights} TO {role}"))
