"""Shorthands for asking the simulated Web API and reading its refusals."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError


def refusal(client: WebClient, method: str, **arguments: Any) -> str:
    """The error that a call is answered with."""
    return str(refused(client, method, **arguments)["error"])


def refused(client: WebClient, method: str, **arguments: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as caught:
        client.api_call(method, json=arguments)
    answer: dict[str, Any] = caught.value.response.data
    return answer
