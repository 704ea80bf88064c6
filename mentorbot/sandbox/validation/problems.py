"""What is wrong with a payload, and where, in the words Slack answers with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: what must be otherwise, and the RFC 6901 pointer of the place."""

    pointer: str
    says: str

    def __str__(self) -> str:
        return f"{self.says} [json-pointer:{self.pointer}]"


class InvalidPayload(Exception):
    """A payload that Slack refuses: `error` is its code, `messages` every fault that was found.

    Slack repeats the messages in `response_metadata.messages`, each led by `[ERROR] `.
    """

    def __init__(self, error: str, messages: Iterable[str] = ()) -> None:
        self.error = error
        self.messages = list(messages)
        super().__init__(": ".join((error, "; ".join(self.messages))) if self.messages else error)


def refuse_if_any(error: str, problems: Iterable[Problem]) -> None:
    """Raise `InvalidPayload` with every problem; return quietly when there is none."""
    messages = list(dict.fromkeys(map(str, problems)))
    if messages:
        raise InvalidPayload(error, messages)
