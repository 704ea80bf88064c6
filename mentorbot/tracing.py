"""Traces of the bot's work, sent to an OpenTelemetry collector where one is named.

A span carries ids and words of our own, never a name or a text. Without a collector nothing of
OpenTelemetry is imported, and a span costs a function call.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

SERVICE = "mentorbot"
_PACKAGE = "opentelemetry.exporter.otlp.proto.http"
Note = Callable[[str], object]
"""Says in a word what became of a piece of work."""


class Tracing(Protocol):
    """Where spans go."""

    def span(self, name: str, /, **ids: str) -> AbstractContextManager[Note]:
        """A piece of work; an exception that leaves it is noted by its type alone."""

    def close(self) -> None:
        """Send what has not been sent yet."""


def _forget(_outcome: str) -> None:
    """Nobody asked."""


class Untraced:
    """Nobody looks."""

    def span(self, _name: str, /, **_ids: str) -> AbstractContextManager[Note]:
        """Nothing."""
        return nullcontext(_forget)

    def close(self) -> None:
        """Nothing to send."""


class Traced:
    """Spans for a collector, sent in batches from a thread of their own."""

    def __init__(self, endpoint: str) -> None:
        """`endpoint` is the collector's base address, such as `http://localhost:4318`.

        Headers, sampling and another name for the service are OpenTelemetry's own variables.
        """
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import (
            OTELResourceDetector,
            Resource,
            get_aggregated_resources,
        )
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        named = get_aggregated_resources(
            [OTELResourceDetector()], Resource({"service.name": SERVICE})
        )
        self._provider = TracerProvider(resource=named, shutdown_on_exit=False)
        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer: Tracer = self._provider.get_tracer(SERVICE)

    @contextmanager
    def span(self, name: str, /, **ids: str) -> Iterator[Note]:
        """A span within the one that is open in this thread, if any."""
        from opentelemetry.trace import Status, StatusCode

        attributes = {f"{SERVICE}.{key}": value for key, value in ids.items()}
        with self._tracer.start_as_current_span(
            name, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as opened:
            try:
                yield partial(opened.set_attribute, f"{SERVICE}.outcome")
            except Exception as error:
                opened.set_status(Status(StatusCode.ERROR, type(error).__name__))
                raise

    def close(self) -> None:
        """Send what has not been sent yet, for some seconds at most."""
        self._provider.shutdown()


def is_installed() -> bool:
    """Whether the extra `otel` is there; looked up without importing it."""
    try:
        return find_spec(_PACKAGE) is not None
    except ModuleNotFoundError:
        return False


def tracing_to(endpoint: str) -> Tracing:
    """Spans to a collector; without its address, nowhere. Raises ImportError without the extra."""
    return Traced(endpoint) if endpoint else Untraced()
