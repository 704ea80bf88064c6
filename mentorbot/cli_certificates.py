"""`mentorbot certificates`: the keys they are signed with; and `mentorbot verify`, for anybody."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mentorbot import terminal

if TYPE_CHECKING:
    from mentorbot.certificates.verifying import Verified

app = typer.Typer(no_args_is_help=True, help="Certificates, and the keys that sign them.")

Workspace = Annotated[str, typer.Option(help="The workspace's id, such as T0123456789.")]


@app.command()
def issuer(workspace: Workspace) -> None:
    """Print the public keys, for whoever verifies without asking this server."""
    from mentorbot.operating_certificates import published_keys

    terminal.check_slack_id(workspace, terminal.WORKSPACE, "--workspace")
    with terminal.refusals():
        typer.echo(json.dumps(published_keys(terminal.settings(), workspace), indent=2))


@app.command("rotate-key")
def rotate_key(workspace: Workspace) -> None:
    """Sign with a new key from now on; what the old one signed stays good."""
    from mentorbot.operating_certificates import rotate_key as rotate

    terminal.check_slack_id(workspace, terminal.WORKSPACE, "--workspace")
    with terminal.refusals():
        made = rotate(terminal.settings(), workspace)
    typer.echo(f"Certificates are signed with {made} from now on.")
    typer.echo("Give those who verify offline the new list: mentorbot certificates issuer.")


@app.command()
def sign(workspace: Workspace) -> None:
    """Sign the certificates that are not yet; cut short, it goes on where it broke off."""
    from mentorbot.operating_certificates import sign_all

    terminal.check_slack_id(workspace, terminal.WORKSPACE, "--workspace")
    with terminal.refusals():
        count = sign_all(terminal.settings(), workspace)
    typer.echo(f"{count} certificates are signed now that were not.")


@app.command()
def status(
    workspace: Workspace,
    page: Annotated[int, typer.Option(min=0, help="Which list; each holds 131,072.")] = 0,
) -> None:
    """Print the signed list of what is revoked, for `mentorbot verify --status`."""
    from mentorbot.operating_certificates import published_status

    terminal.check_slack_id(workspace, terminal.WORKSPACE, "--workspace")
    with terminal.refusals():
        typer.echo(published_status(terminal.settings(), workspace, page))


def verify(
    file: Annotated[Path, typer.Argument(help="A certificate: .pdf, .jwt or .json.")],
    issuer: Annotated[
        Path | None, typer.Option(help="The issuer's public keys: a JWK set or did.json.")
    ] = None,
    status: Annotated[
        Path | None, typer.Option(help="The issuer's newest list of what is revoked.")
    ] = None,
) -> None:
    """Verify a certificate, offline: 0 it holds, 1 it does not, 3 whole but by an unknown key."""
    from mentorbot.certificates import verifying
    from mentorbot.domain.errors import NotGenuine

    content, vouched, listed = _bytes(file), _bytes(issuer), _bytes(status)
    try:
        keys = None if vouched is None else verifying.read_keys(vouched)
        found = verifying.verify(content or b"", keys, listed)
    except NotGenuine as error:
        typer.echo(f"✗ {terminal.sentence(error.key, **error.values)}")
        raise typer.Exit(1) from None
    for line in _told(found):
        typer.echo(line)
    raise typer.Exit(0 if found.is_vouched_for else 3)


def _bytes(path: Path | None) -> bytes | None:
    if path is None:
        return None
    with terminal.reading(path) as stream:
        return stream.read()


def _told(found: "Verified") -> list[str]:
    """Who, for what, when, by whom; and how far that is proven."""
    from mentorbot.wording import full_date

    said, is_known = found.said, found.is_vouched_for
    period = {"from_on": full_date(said.period_from), "to_on": full_date(said.period_to)}
    proven = terminal.sentence(
        "verify.holds" if is_known else "verify.whole", signed_with=found.key_id
    )
    lines = (
        terminal.sentence("verify.who", who=said.recipient_name, role=said.role),
        terminal.sentence("verify.what", what=said.programme_name, citation=said.citation),
        terminal.sentence("verify.when", **period),
        terminal.sentence("verify.by", who=said.organisation, on=full_date(said.issued_at.date())),
        terminal.sentence("verify.number", number=said.number),
        terminal.sentence(
            "verify.unrevoked" if found.is_revoked is False else "verify.revocation_unknown"
        ),
    )
    return [f"{'✓' if is_known else '?'} {proven}", *(f"  {line}" for line in lines)]
