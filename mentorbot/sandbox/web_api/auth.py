"""auth.*, api.*, apps.* and team.*: who the app is and how it connects."""

from __future__ import annotations

from mentorbot.sandbox.records import Json
from mentorbot.sandbox.web_api.call import Call, method


@method("api.test", caller="anybody")
def api_test(call: Call) -> Json:
    return {"args": {key: value for key, value in call.arguments.items() if key != "token"}}


@method("auth.test")
def auth_test(call: Call) -> Json:
    population = call.state.population
    return {
        "url": f"{call.base_url}/",
        "team": population.workspace_name,
        "user": population.bot_name.lower(),
        "team_id": population.workspace_id,
        "user_id": population.bot_user_id,
        "bot_id": population.bot_id,
        "enterprise_id": call.state.grants.enterprise_id,
        "is_enterprise_install": call.state.grants.is_org_wide,
    }


@method("apps.connections.open", caller="app")
def connections_open(call: Call) -> Json:
    address = call.base_url.replace("http://", "ws://", 1)
    app_id = call.state.population.app_id
    return {"url": f"{address}/link/?ticket={call.issue_ticket()}&app_id={app_id}"}


@method("team.info")
def team_info(call: Call) -> Json:
    population = call.state.population
    team = {
        "id": population.workspace_id,
        "name": population.workspace_name,
        "domain": population.workspace_domain,
        "email_domain": "",
        "url": f"{call.base_url}/",
        "icon": {"image_default": True},
        "is_verified": False,
    }
    return {"team": team}
