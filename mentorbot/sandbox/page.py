"""The page of the simulated workspace: the routes it is served by and the JSON they speak."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

if TYPE_CHECKING:
    from mentorbot.sandbox.server import Sandbox

ASSETS = Path(__file__).parent / "page"


def page_routes(sandbox: Sandbox) -> list[BaseRoute]:
    """Everything the page needs, to be mounted by the server."""

    async def index(_: Request) -> Response:
        return FileResponse(ASSETS / "index.html", headers={"Cache-Control": "no-cache"})

    return [
        Route("/", index),
        Mount("/_page", routes=[Mount("/assets", StaticFiles(directory=ASSETS))]),
    ]
