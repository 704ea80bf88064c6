"""A certificate's page for whoever was shown it, and what programs verify it with.

What is public is what the certificate says, to whoever has its address; nothing lists certificates.
"""

import html
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from mentorbot.bootstrap import MentorBot
from mentorbot.certificates import credential, status_list, verifying
from mentorbot.certificates.page import in_groups
from mentorbot.domain.errors import NotGenuine, SecretKeyMissing
from mentorbot.domain.model import Certificate
from mentorbot.storage import certificates, issuer_keys, people
from mentorbot.storage.store import Transaction
from mentorbot.usecases import issuing
from mentorbot.wording import Markup, full_date, say

_WORKSPACE = re.compile(r"[TE][A-Z0-9]{4,39}")
_NAME = re.compile(r"([TE][A-Z0-9]{4,39})-([0-9a-f]{1,40})(\.json|\.jwt|)")
_PAGE = re.compile(r"[0-9]{1,5}")
_OPEN = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300"}
"""Verifiers that run in a browser may read these too."""
_PRIVATE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:8vh auto;padding:0 1rem;"
    "color:#22303c;background:#fff}dt{color:#4f5a63;margin-top:.8rem}dd{margin:0}"
    ".state{border-left:.3rem solid;padding:.2rem 0 .2rem .8rem}.good{color:#1d5e33}"
    ".bad{color:#9b1c1c}code{overflow-wrap:anywhere}a{color:#1a5276}"
)
Answering = Callable[[MentorBot, dict[str, Any]], Response | None]


def certificate_routes(bot: MentorBot) -> list[Route]:
    """`/certificates/ID`, `.json` and `.jwt`; the issuer's keys; what is revoked."""
    return [
        Route("/certificates/{name}", _answering(bot, _certificate), methods=["GET"]),
        Route("/issuers/{workspace}/did.json", _answering(bot, _did), methods=["GET"]),
        Route("/issuers/{workspace}/jwks.json", _answering(bot, _key_set), methods=["GET"]),
        Route("/status/{workspace}/{page}", _answering(bot, _status), methods=["GET"]),
    ]


def _answering(bot: MentorBot, find: Answering) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        found = await run_in_threadpool(find, bot, request.path_params)
        if found is not None:
            return found
        return HTMLResponse(_document(_paragraph("certificate.web.unknown")), 404, _PRIVATE)

    return answer


@contextmanager
def _reading(bot: MentorBot, workspace_id: str) -> Iterator[Transaction | None]:
    """A transaction of a workspace that there is; None else."""
    if not _WORKSPACE.fullmatch(workspace_id):
        yield None
        return
    with bot.store.read(workspace_id) as tx:
        yield tx if people.workspace(tx) is not None else None


def _certificate(bot: MentorBot, asked: dict[str, Any]) -> Response | None:
    name = _NAME.fullmatch(asked["name"])
    if name is None:
        return None
    with _reading(bot, name[1]) as tx:
        held = certificates.certificate(tx, name[2]) if tx else None
        if tx is None or held is None or held.fingerprint is None:
            return None
        if not name[3]:
            return HTMLResponse(_document(*_page(tx, held, asked["name"])), headers=_PRIVATE)
        if held.credential is None:
            return None
    if name[3] == ".jwt":
        return Response(held.credential, media_type=credential.MEDIA_TYPE, headers=_PRIVATE)
    shown = credential.enveloped(held.credential)
    return JSONResponse(shown, headers=_PRIVATE, media_type="application/vc+json")


def _did(bot: MentorBot, asked: dict[str, Any]) -> Response | None:
    return _published(bot, asked["workspace"], credential.did_document)


def _key_set(bot: MentorBot, asked: dict[str, Any]) -> Response | None:
    return _published(bot, asked["workspace"], credential.key_set)


def _published(bot: MentorBot, workspace_id: str, form: Callable[..., Any]) -> Response | None:
    with _reading(bot, workspace_id) as tx:
        keys = issuer_keys.every(tx) if tx else []
        if tx is None or not keys:
            return None
        return JSONResponse(form(issuing.issuer(tx), keys), headers=_OPEN)


def _status(bot: MentorBot, asked: dict[str, Any]) -> Response | None:
    if not _PAGE.fullmatch(asked["page"]):
        return None
    page = int(asked["page"])
    with _reading(bot, asked["workspace"]) as tx:
        if tx is None or page * status_list.BITS >= certificates.next_status_index(tx):
            return None
        try:
            listed = issuing.status(tx, page, bot.clock())
        except SecretKeyMissing:
            return PlainTextResponse("The list cannot be signed now.", 503, headers=_PRIVATE)
    return Response(listed, media_type=credential.MEDIA_TYPE, headers=_OPEN)


def _page(tx: Transaction, held: Certificate, name: str) -> Iterator[str]:
    """What the page tells: whether the certificate holds, what it says, how to make sure."""
    said = issuing.statement(tx, held) if held.credential else None
    if held.revoked_at is not None:
        on = full_date(held.revoked_at.date())
        yield _paragraph("certificate.web.revoked", "state bad", on=on)
    elif said is None:
        yield _paragraph("certificate.web.erased", "state good")
    elif _holds(tx, held):
        yield _paragraph("certificate.web.holds", "state good")
    else:
        yield _paragraph("certificate.web.broken", "state bad")
    rows = [("number", held.certificate_id), ("fingerprint", in_groups(held.fingerprint or ""))]
    if said is not None:
        period = say(
            "certificate.page.period",
            from_on=full_date(said.period_from),
            to_on=full_date(said.period_to),
        )
        rows[:0] = [
            ("name", said.recipient_name),
            ("programme", said.programme_name),
            ("organisation", said.organisation),
            ("citation", said.citation),
            ("period", period),
            ("issued", full_date(said.issued_at.date())),
        ]
    terms = "".join(_row(say(f"certificate.web.{term}"), shown) for term, shown in rows)
    yield f"<dl>{terms}</dl>"
    if said is not None:
        yield _paragraph("certificate.web.check_yourself")
        yield _links(tx.workspace_id, name, held.status_index or 0)


def _holds(tx: Transaction, held: Certificate) -> bool:
    """Whether the signature holds, by the keys that are published."""
    keys = {
        key.key_id: key.retired_at.timestamp() if key.retired_at else float("inf")
        for key in issuer_keys.every(tx)
    }
    try:
        found = verifying.verify((held.credential or "").encode(), keys, None)
    except NotGenuine:
        return False
    return found.said.number == held.certificate_id


def _links(workspace_id: str, name: str, index: int) -> str:
    page = index // status_list.BITS
    links = (
        (f"{name}.jwt", say("certificate.web.as_token")),
        (f"{name}.json", say("certificate.web.as_json")),
        (f"../issuers/{workspace_id}/jwks.json", say("certificate.web.keys")),
        (f"../status/{workspace_id}/{page}", say("certificate.web.status")),
    )
    items = (f'<li><a href="{html.escape(to)}">{html.escape(text)}</a></li>' for to, text in links)
    return f"<ul>{''.join(items)}</ul>"


def _row(term: str, shown: str) -> str:
    return f'<dt>{html.escape(term)}</dt><dd dir="auto">{html.escape(shown)}</dd>'


def _paragraph(key: str, kind: str = "", **values: str) -> str:
    shown = html.escape(say(key, **{name: Markup(it) for name, it in values.items()}))
    return f'<p class="{kind}">{shown}</p>' if kind else f"<p>{shown}</p>"


def _document(*parts: str) -> str:
    title = html.escape(say("certificate.web.title"))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><main><h1>{title}</h1>{''.join(parts)}</main></body></html>"
    )
