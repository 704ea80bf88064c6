"""Refusals that these tests cause on purpose are not spelt out in the log."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests.web.stage import HttpWorld, serving_world


@pytest.fixture(autouse=True, scope="package")
def _quiet() -> Iterator[None]:
    before = structlog.get_config()
    silent = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=silent, cache_logger_on_first_use=False)
    for name in ("slack_bolt", "slack_sdk"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    yield
    structlog.configure(**before)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[HttpWorld]:
    """A workspace that speaks to its bot over HTTP."""
    with serving_world(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpWorld]:
    """The same, for tests that leave it as it was."""
    with serving_world(tmp_path_factory.mktemp("web")) as made:
        yield made
