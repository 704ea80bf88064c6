"""What an answer from Slack, or the lack of one, means for a message.

CLEAN: Slack certainly did nothing, try again. AMBIGUOUS: it may have, look before trying again.
GONE: a recipient's account is gone. REFUSED: this message will never be taken. LOCKED_OUT: nothing
will be, until an operator acts. BROKEN: we failed ourselves. DELAYED: a mail server wants it later.
UNSURE: it did not say whether it took it. Errors are those of Slack's method
references.
"""

import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from http.client import HTTPException
from urllib.error import HTTPError, URLError

from slack_sdk.errors import SlackApiError


class Outcome(StrEnum):
    """What a failure can mean."""

    CLEAN = "clean"
    AMBIGUOUS = "ambiguous"
    GONE = "gone"
    REFUSED = "refused"
    LOCKED_OUT = "locked_out"
    BROKEN = "broken"
    DELAYED = "delayed"
    UNSURE = "unsure"


@dataclass(frozen=True)
class Failure:
    """A failed call: what it means, Slack's word for it, and seconds to wait if it said so.

    `of_look_up` tells that it was not the message that failed, but the search for an earlier try.
    """

    outcome: Outcome
    reason: str
    retry_after_seconds: int | None = None
    of_look_up: bool = False

    @property
    def leaves_doubt(self) -> bool:
        """Whether the message may have arrived all the same."""
        in_doubt = (Outcome.AMBIGUOUS, Outcome.BROKEN, Outcome.UNSURE)
        return self.of_look_up or self.outcome in in_doubt

    @property
    def finds_no_slack(self) -> bool:
        """Whether it was not Slack that answered, or nobody."""
        if self.outcome is Outcome.AMBIGUOUS:
            return self.reason not in _AMBIGUOUS
        return self.reason == NEVER_CONNECTED

    @property
    def is_final(self) -> bool:
        """Whether another try would end in the same way."""
        return self.outcome in (Outcome.GONE, Outcome.REFUSED)


NEVER_CONNECTED = "never_connected"
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
_OF_ONE_METHOD = {"missing_scope", "no_permission", "not_allowed_token_type"}
_WORD = re.compile(r"[a-z0-9_.:-]+")
_NEVER_CONNECTED = (ConnectionRefusedError, socket.gaierror)


def failure_of(error: Exception) -> Failure:
    """What a failed call to Slack means; raises what did not come from a call."""
    if isinstance(error, SlackApiError):
        return _of_answer(error)
    if isinstance(error, HTTPError):
        return _of_status(error.code, dict(error.headers.items()))
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, _NEVER_CONNECTED):
        return Failure(Outcome.CLEAN, NEVER_CONNECTED)
    if isinstance(error, OSError | HTTPException):
        return Failure(Outcome.AMBIGUOUS, type(reason).__name__)
    raise error


def failure_of_look_up(error: Exception) -> Failure:
    """What it means that an earlier try could not be looked up; raises as `failure_of` does.

    What Slack does not let us read now, it will not later, unless it lets us do nothing at all.
    """
    found = failure_of(error)
    for_good = found.outcome is Outcome.LOCKED_OUT and found.reason in _OF_ONE_METHOD
    outcome = Outcome.REFUSED if for_good else found.outcome
    return replace(found, outcome=outcome, of_look_up=True)


def of_address(failure: Failure, recipients: Sequence[str]) -> Failure:
    """The same failure, seen with whom it was for: a person's DM is missing when the account is."""
    to_a_person = len(recipients) == 1 and recipients[0].startswith(("U", "W"))
    if failure.reason == "channel_not_found" and to_a_person and not failure.of_look_up:
        return replace(failure, outcome=Outcome.GONE)
    return failure


def _of_answer(error: SlackApiError) -> Failure:
    response = error.response
    status = getattr(response, "status_code", 200)
    word = response.get("error") if hasattr(response, "get") else None
    if word in ("ratelimited", "rate_limited"):
        return _of_status(429, response.headers)
    if status >= 429 or word is None or not _WORD.fullmatch(word):
        return _of_status(status, getattr(response, "headers", {}))
    if word in _AMBIGUOUS:
        return Failure(Outcome.AMBIGUOUS, word)
    if word in _GONE:
        return Failure(Outcome.GONE, word)
    if word in _LOCKED_OUT:
        return Failure(Outcome.LOCKED_OUT, word)
    return Failure(Outcome.REFUSED, word)


def _of_status(status: int, headers: dict[str, str]) -> Failure:
    """An answer that is not Slack's own: from a proxy, or from a server in distress."""
    if status == 429:
        return Failure(Outcome.CLEAN, "ratelimited", _retry_after(headers))
    return Failure(Outcome.AMBIGUOUS, f"http_{status}")


def _retry_after(headers: dict[str, str]) -> int:
    value = next((v for k, v in headers.items() if k.lower() == "retry-after"), "30")
    return int(value) if value.isdecimal() else 30
