"""The manifest for HTTP mode is the other one, but for how Slack and the bot reach each other."""

from pathlib import Path
from typing import Any

import yaml

from mentorbot.slack.manifest import scopes
from mentorbot.web.events import PATH
from mentorbot.web.installing import REDIRECT_PATH

ROOT = Path(__file__).parents[2]
ADDRESS = "https://mentorbot.example.org"


def manifest(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
    return found


def over_http(socket_mode: dict[str, Any]) -> dict[str, Any]:
    """What Socket Mode's manifest becomes."""
    settings = socket_mode["settings"]
    for command in socket_mode["features"]["slash_commands"]:
        command["url"] = ADDRESS + PATH
    settings["event_subscriptions"]["request_url"] = ADDRESS + PATH
    settings["interactivity"]["request_url"] = ADDRESS + PATH
    socket_mode["oauth_config"]["redirect_urls"] = [ADDRESS + REDIRECT_PATH]
    settings |= {
        "socket_mode_enabled": False,
        "org_deploy_enabled": True,
        "token_rotation_enabled": True,
    }
    return socket_mode


def test_the_manifests_differ_in_the_transport_alone() -> None:
    assert manifest("manifest.http.yml") == over_http(manifest("manifest.yml"))


def test_installing_asks_for_the_manifests_scopes() -> None:
    assert list(scopes()) == manifest("manifest.yml")["oauth_config"]["scopes"]["bot"]
