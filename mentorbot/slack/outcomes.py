"""What an answer from Slack, or the lack of one, means for a message.

CLEAN: Slack certainly did nothing, try again. AMBIGUOUS: it may have, look before trying again.
GONE: a recipient's account is gone. REFUSED: this message will never be taken. LOCKED_OUT: nothing
will be, until an operator acts. Errors are those of Slack's method references.
"""

import socket
from dataclasses import dataclass
from enum import StrEnum
from http.client import HTTPException
from urllib.error import URLError

from slack_sdk.errors import SlackApiError


class Outcome(StrEnum):
    """The five things that a failure can mean."""

    CLEAN = "clean"
    AMBIGUOUS = "ambiguous"
    GONE = "gone"
    REFUSED = "refused"
    LOCKED_OUT = "locked_out"


@dataclass(frozen=True)
class Failure:
    """A failed call: what it means, Slack's word for it, and seconds to wait if it said so."""

    outcome: Outcome
    reason: str
    retry_after_seconds: int | None = None


_AMBIGUOUS = {
    "fatal_error",
    "internal_error",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
}
_GONE = {"user_not_found", "users_not_found", "user_disabled", "cannot_dm_bot", "user_not_visible"}
_LOCKED_OUT = {
    "account_inactive",
    "ekm_access_denied",
    "enterprise_is_restricted",
    "invalid_auth",
    "missing_scope",
    "no_permission",
    "not_allowed_token_type",
    "not_authed",
    "org_login_required",
    "team_access_not_granted",
    "token_expired",
    "token_revoked",
    "two_factor_setup_required",
}
_NEVER_CONNECTED = (ConnectionRefusedError, socket.gaierror)


def failure_of(error: Exception) -> Failure:
    """What a failed call to Slack means."""
    if isinstance(error, SlackApiError):
        return _of_answer(error)
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, _NEVER_CONNECTED):
        return Failure(Outcome.CLEAN, "never_connected")
    if isinstance(error, OSError | HTTPException):
        return Failure(Outcome.AMBIGUOUS, type(reason).__name__)
    raise error


def _of_answer(error: SlackApiError) -> Failure:
    response = error.response
    status = getattr(response, "status_code", 200)
    word = response.get("error") if hasattr(response, "get") else None
    if status == 429 or word in ("ratelimited", "rate_limited"):
        return Failure(Outcome.CLEAN, "ratelimited", _retry_after(response.headers))
    if status >= 500 or word is None or word in _AMBIGUOUS:
        return Failure(Outcome.AMBIGUOUS, word or f"http_{status}")
    if word in _GONE:
        return Failure(Outcome.GONE, word)
    if word in _LOCKED_OUT:
        return Failure(Outcome.LOCKED_OUT, word)
    return Failure(Outcome.REFUSED, word)


def _retry_after(headers: dict[str, str]) -> int:
    value = next((v for k, v in headers.items() if k.lower() == "retry-after"), "30")
    return int(value) if value.isdecimal() else 30
