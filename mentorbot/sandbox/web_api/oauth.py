"""oauth.*: tokens for codes, and new tokens for old."""

from __future__ import annotations

from mentorbot.sandbox.errors import ApiError
from mentorbot.sandbox.grants import CLIENT_ID, CLIENT_SECRET
from mentorbot.sandbox.records import Json
from mentorbot.sandbox.web_api.call import Call, method


@method("oauth.v2.access", caller="anybody", writes=True)
def oauth_v2_access(call: Call) -> Json:
    if call.text("client_id") != CLIENT_ID:
        raise ApiError("invalid_client_id")
    if call.text("client_secret") != CLIENT_SECRET:
        raise ApiError("bad_client_secret")
    grants, population = call.state.grants, call.state.population
    kind = call.text("grant_type") or "authorization_code"
    if kind == "refresh_token":
        installer = ""
        issued = grants.refresh(call.text("refresh_token"))
    elif kind == "authorization_code":
        agreed, issued = grants.exchange(call.text("code"), call.text("redirect_uri"))
        installer = agreed.slack_user_id
    else:
        raise ApiError("invalid_grant_type")
    enterprise = {"id": grants.enterprise_id, "name": "The organisation"}
    team = {"id": population.workspace_id, "name": population.workspace_name}
    return {
        **issued,
        "token_type": "bot",
        "bot_user_id": population.bot_user_id,
        "app_id": population.app_id,
        "team": None if grants.is_org_wide else team,
        "enterprise": enterprise if grants.enterprise_id else None,
        "authed_user": {"id": installer},
        "is_enterprise_install": grants.is_org_wide,
    }
