"""The use cases are tried on a database of their own, with a simulated Slack to count in."""

from tests.faults.conftest import office  # noqa: F401  # a fixture of this folder too
