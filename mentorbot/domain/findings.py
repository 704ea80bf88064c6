"""What a check-up finds: each thing well or not, and the sentence that says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `key` is its sentence's, within `doctor`."""

    is_well: bool
    key: str
    values: Mapping[str, Any]


def well(key: str, **values: Any) -> Finding:
    """All is as it should be."""
    return Finding(True, key, values)


def ill(key: str, **values: Any) -> Finding:
    """Something is wrong; the sentence says what to do."""
    return Finding(False, key, values)
