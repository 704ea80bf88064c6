"""Traces: what a collector is sent, and that nothing is done where there is none."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from mentorbot.config import Settings
from tests.world import AMARA, ZOE, world_at

OTLP = "opentelemetry.proto.collector.trace.v1.trace_service_pb2"
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"


class Collector:
    """An OTLP receiver on a port of its own; keeps the spans that it is sent."""

    def __init__(self) -> None:
        messages = pytest.importorskip(
            "opentelemetry.proto.collector.trace.v1.trace_service_pb2",
            reason="needs mentorbot[otel]",
        )
        self.paths: set[str] = set()
        self.services: set[str] = set()
        self.spans: list[Any] = []
        collector = self

        class Receiver(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.take(self.path, messages.ExportTraceServiceRequest.FromString(body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def take(self, path: str, request: Any) -> None:
        self.paths.add(path)
        for group in request.resource_spans:
            named = {it.key: it.value.string_value for it in group.resource.attributes}
            self.services.add(named["service.name"])
            self.spans += [span for scope in group.scope_spans for span in scope.spans]

    def ids(self, name: str) -> list[dict[str, str]]:
        """The attributes of each span of a name."""
        return [
            {it.key: it.value.string_value for it in span.attributes}
            for span in self.spans
            if span.name == name
        ]

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.stop()


def test_work_is_traced_by_ids_and_never_by_names_or_texts(
    collector: Collector, tmp_path: Path
) -> None:
    with world_at(tmp_path, traces_to=collector.url) as world:
        workspace_id = world.running.workspace_id
        world.person(AMARA).join("mentor")
        world.person(ZOE).join("mentee")
        world.pass_days(8)
    assert collector.paths == {"/v1/traces"}
    assert collector.services == {"mentorbot"}
    saved, _again = collector.ids("listener save_form")
    assert saved["mentorbot.workspace"] == workspace_id
    assert len(saved["mentorbot.request"]) == 12
    assert saved["mentorbot.outcome"] == "done"
    assert {"mentorbot.workspace": workspace_id} in collector.ids("tick pairing")
    (introduction,) = collector.ids("delivery introduction")
    assert introduction["mentorbot.workspace"] == workspace_id
    assert introduction["mentorbot.outcome"] == "settled"
    assert re.fullmatch("[0-9a-f]{26}", introduction["mentorbot.message"])
    carried = {it.key for span in collector.spans for it in span.attributes}
    known = {"workspace", "request", "message", "outcome"}
    assert carried == {f"mentorbot.{name}" for name in known}


def test_without_a_collector_nothing_of_opentelemetry_is_imported(tmp_path: Path) -> None:
    looking = (
        "import sys; from mentorbot.bootstrap import build; from mentorbot.config import Settings;"
        "import mentorbot.running; build(Settings());"
        "print([it for it in sys.modules if it.startswith('opentelemetry')])"
    )
    found = subprocess.run(
        [sys.executable, "-c", looking], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


def test_a_collector_without_the_extra_is_told_of_in_a_sentence(tmp_path: Path) -> None:
    without = (
        "import sys; sys.modules['opentelemetry'] = None; from mentorbot.cli import app; app()"
    )
    told = subprocess.run(
        [sys.executable, "-c", without, "run"],
        cwd=tmp_path,
        env=os.environ | {ENDPOINT: "http://localhost:4318"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 2
    assert ENDPOINT in told.stderr
    assert "pip install 'mentorbot[otel]'" in told.stderr
    assert "Traceback" not in told.stderr


def test_an_address_of_a_collector_is_a_web_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENDPOINT, "localhost:4318")
    with pytest.raises(ValidationError, match="web address"):
        Settings()
