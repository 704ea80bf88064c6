"""`mentorbot applications`: bringing in what a form collected, and seeing what there is."""

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mentorbot import terminal

if TYPE_CHECKING:
    from mentorbot.domain.imports import Columns, Fault, Rejected
    from mentorbot.domain.table_files import Table
    from mentorbot.usecases.importing import Report

app = typer.Typer(no_args_is_help=True, help="Applications to a programme.")
SHOWN = 20
Workspace = Annotated[str, typer.Option(help="The workspace's id, such as T0123456789.")]
ProgrammeId = Annotated[
    str | None, typer.Option("--programme", help="Its id, where several run there.")
]


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A form's export, as CSV.")],
    workspace: Workspace,
    role: Annotated[
        str, typer.Option(help="mentee, mentor, or the name of the column that says which.")
    ],
    programme: ProgrammeId = None,
    meanings: Annotated[
        list[str] | None,
        typer.Option("--map", help='What a column means: "Column=question"; "-" for nothing.'),
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="Where rows go that cannot be taken in, with the reasons.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
) -> None:
    """Take in a form's export: Microsoft Forms, Google Forms, or any table with a header."""
    from mentorbot.domain.imports import Fixed
    from mentorbot.domain.model import Role
    from mentorbot.intake import BOTH, Order, Watch, import_applications
    from mentorbot.operating import opened_programme

    terminal.check_slack_id(workspace, terminal.WORKSPACE, "--workspace")
    said = dict(_meaning(it) for it in meanings or ())
    by_column = role.lower() not in list(map(str, Role))
    roles = BOTH if by_column else (Role(role.lower()),)
    said |= {role: str(Fixed.ROLE)} if by_column else {}
    place = rejects or file.with_name(f"{file.stem}-rejects.csv")
    with (
        terminal.refusals(),
        opened_programme(terminal.settings(), workspace, programme) as (bot, programme_id),
        terminal.reading(file) as stream,
    ):
        order = Order(workspace, programme_id, roles, "operator", said, dry_run)
        with _Rejects(place) as kept, _Bar(file) as bar:

            def begun(table: "Table", columns: "Columns") -> None:
                kept.begin(table, columns)
                _tell_columns(columns)

            def went_on(rejected: "Sequence[Rejected]", read_bytes: int) -> None:
                kept.write(rejected)
                bar.to(read_bytes)

            report = import_applications(bot, order, stream, Watch(begun, went_on))
    _tell(report, place, is_trial=dry_run)
    raise typer.Exit(1 if report.rejected else 0)


@app.command("list")
def list_(workspace: Workspace, programme: ProgrammeId = None) -> None:
    """Count a programme's applications by role and state."""
    from mentorbot.operating import opened_programme
    from mentorbot.storage.imports import counts

    terminal.check_slack_id(workspace, terminal.WORKSPACE, "--workspace")
    with (
        terminal.refusals(),
        opened_programme(terminal.settings(), workspace, programme) as (bot, programme_id),
        bot.store.read(workspace) as tx,
    ):
        found = counts(tx, programme_id)
    for cohort, role, state, count in found:
        typer.echo(f"cohort {cohort:2}  {role:6}  {state.replace('_', ' '):12}  {count:7}")
    if not found:
        typer.echo("There are none yet.")


def _meaning(said: str) -> tuple[str, str]:
    column, equals, meant = said.rpartition("=")
    if not equals or not column.strip() or not meant.strip():
        terminal.stop(f"--map {said!r} is not of the form Column=question.")
    return column.strip(), meant.strip()


def _tell_columns(columns: "Columns") -> None:
    if columns.shape:
        typer.echo(f"This is an export of {columns.shape}.")
    for name, nearest in columns.unmatched:
        hint = f"; the nearest question is {nearest!r}" if nearest else ""
        typer.echo(f"Column {name!r} answers no question and is not read{hint}.")
    if columns.sensitive:
        typer.echo("Answers to sensitive questions are not read: they are asked for in Slack.")


def _tell(report: "Report", place: Path, *, is_trial: bool) -> None:
    if is_trial:
        typer.echo("Nothing was changed. This would happen:")
    typer.echo(
        f"{report.rows} rows: {report.new} new, {report.changed} changed,"
        f" {report.same} known already, {report.rejected} rejected."
    )
    for state, count in sorted(report.states.items()):
        typer.echo(f"  {state.replace('_', ' ')}: {count}")
    for rejected in report.first_rejected[:SHOWN]:
        typer.echo(f"line {rejected.line}: {_why(rejected.faults)}", err=True)
    if report.rejected > SHOWN:
        typer.echo(f"… and {report.rejected - SHOWN} more.", err=True)
    if report.rejected:
        typer.echo(f"The rejected rows, with the reasons, are in {place}.", err=True)


def _why(faults: "Sequence[Fault]") -> str:
    said = [(it.label, terminal.sentence(it.key, **it.values)) for it in faults]
    return " ".join(f"{label}: {why}" if label else why for label, why in said)


class _Rejects:
    """The file of rejected rows; without any there is none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._header: list[str] = []
        self._file: io.TextIOWrapper | None = None

    def __enter__(self) -> "_Rejects":
        return self

    def __exit__(self, *_error: object) -> None:
        if self._file is not None:
            self._file.close()

    def begin(self, table: "Table", columns: "Columns") -> None:
        hidden = columns.sensitive
        named = ["" if at in hidden else name for at, name in enumerate(table.header)]
        self._header = ["Line", "Why", *named]

    def write(self, some: "Sequence[Rejected]") -> None:
        from mentorbot.domain.table_files import neutral

        if not some:
            return
        if self._file is None:
            self._file = self._open()
            csv.writer(self._file).writerow([neutral(name) for name in self._header])
        rows = ([str(it.line), _why(it.faults), *it.cells] for it in some)
        csv.writer(self._file).writerows([neutral(cell) for cell in row] for row in rows)

    def _open(self) -> io.TextIOWrapper:
        try:
            return self._path.open("w", encoding="utf-8-sig", newline="")
        except OSError as error:
            terminal.stop(f"{self._path} cannot be written: {error.strerror}. Use --rejects.")


class _Bar:
    """How far a file is read; shown where somebody watches."""

    def __init__(self, file: Path) -> None:
        self._bar = typer.progressbar(length=os.path.getsize(file), label="Importing")
        self._at = 0

    def __enter__(self) -> "_Bar":
        self._bar.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.__exit__(None, None, None)

    def to(self, read_bytes: int) -> None:
        self._bar.update(read_bytes - self._at)
        self._at = read_bytes
