"""How the app is installed: codes from the consent page, tokens, and what ends them.

Lifetimes are measured by the machine's clock, as apps measure them.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

from mentorbot.sandbox.errors import ApiError
from mentorbot.slack.manifest import scopes

CLIENT_ID = "1000000000.2000000000"
CLIENT_SECRET = "sandbox-client-secret"  # noqa: S105 - opens nothing but the sandbox
CODE_SECONDS = 600
TOKEN_SECONDS = 43_200


@dataclass
class Code:
    """What a person agreed to, until the app fetches its token with it."""

    scope: str
    redirect_uri: str
    slack_user_id: str
    issued_at: float = field(default_factory=time.time)


@dataclass
class Token:
    """A bot token; `ended` is Slack's word for why it serves no more."""

    scope: str
    expires_at: float | None = None
    ended: str | None = None


class Grants:
    """The app's installations in one workspace, or in the organisation that it belongs to.

    `rotates` has tokens expire and be renewed; `refuses` has the person at the consent page cancel;
    `is_org_wide` has the organisation `enterprise_id` install the app for all its workspaces. The
    first token is granted what MentorBot's manifest asks for.
    """

    def __init__(self, first_token: str, installer: str) -> None:
        self.rotates = False
        self.refuses = False
        self.enterprise_id: str | None = None
        self.is_org_wide = False
        self.token_lifetime_seconds = TOKEN_SECONDS
        self._installer = installer
        self._codes: dict[str, Code] = {}
        self._tokens = {first_token: Token(",".join(scopes()))}
        self._refresh_tokens: dict[str, str] = {}

    def consent(self, client_id: str, scope: str, state: str, redirect_uri: str) -> str:
        """Where the consent page leads back to; raises `ApiError` for an app it does not know."""
        if client_id != CLIENT_ID:
            raise ApiError("invalid_client_id")
        if not redirect_uri:
            raise ApiError("bad_redirect_uri")
        answer = {"error": "access_denied"}
        if not self.refuses:
            code = f"1000000000.{secrets.token_hex(16)}"
            self._codes[code] = Code(scope, redirect_uri, self._installer)
            answer = {"code": code}
        return f"{redirect_uri}?{urlencode(answer | {'state': state})}"

    def knows(self, token: str, code: str, refresh_token: str) -> bool:
        """Whether a call with any of these is this installation's affair."""
        return token in self._tokens or code in self._codes or refresh_token in self._refresh_tokens

    def check(self, token: str) -> None:
        """Raises `ApiError` for a token that does not serve, or serves no more."""
        held = self._tokens.get(token)
        if held is None:
            raise ApiError("invalid_auth")
        if held.ended is not None:
            raise ApiError(held.ended)
        if held.expires_at is not None and held.expires_at <= time.time():
            raise ApiError("token_expired")

    def scope_of(self, token: str) -> str | None:
        """What a token that serves is granted; None for any other."""
        try:
            self.check(token)
        except ApiError:
            return None
        return self._tokens[token].scope

    def holds(self, scope: str) -> bool:
        """Whether any token is granted a scope."""
        granted = ",".join(token.scope for token in self._tokens.values())
        return scope in {it.strip() for it in granted.split(",")}

    def grant(self, scope: str) -> None:
        """Have every token granted these scopes and no others."""
        for token in self._tokens.values():
            token.scope = scope

    def exchange(self, code: str, redirect_uri: str) -> tuple[Code, dict[str, object]]:
        """A token for a code, once; what was agreed to comes with it. Raises `ApiError`."""
        held = self._codes.get(code)
        if held is None or held.issued_at + CODE_SECONDS < time.time():
            raise ApiError("invalid_code")
        if redirect_uri != held.redirect_uri:
            raise ApiError("bad_redirect_uri")
        del self._codes[code]
        return held, self._issue(held.scope)

    def refresh(self, refresh_token: str) -> dict[str, object]:
        """A new token and a new refresh token; the old token serves until it expires."""
        scope = self._refresh_tokens.pop(refresh_token, None)
        if scope is None:
            raise ApiError("invalid_refresh_token")
        return self._issue(scope)

    def end(self, why: str) -> None:
        """End every token: `account_inactive` after uninstalling, else `token_revoked`."""
        for token in self._tokens.values():
            token.ended = token.ended or why
        self._refresh_tokens.clear()

    def _issue(self, scope: str) -> dict[str, object]:
        secret = secrets.token_hex(16)
        if not self.rotates:
            token = f"xoxb-sandbox-{secret}"
            self._tokens[token] = Token(scope)
            return {"access_token": token, "scope": scope}
        token, refresh_token = f"xoxe.xoxb-1-{secret}", f"xoxe-1-{secrets.token_hex(16)}"
        self._tokens[token] = Token(scope, time.time() + self.token_lifetime_seconds)
        self._refresh_tokens[refresh_token] = scope
        return {
            "access_token": token,
            "scope": scope,
            "refresh_token": refresh_token,
            "expires_in": self.token_lifetime_seconds,
        }
