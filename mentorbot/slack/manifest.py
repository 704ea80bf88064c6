"""What the app asks of a workspace, as its manifest says."""

from functools import cache
from pathlib import Path

import yaml

import mentorbot


@cache
def scopes() -> tuple[str, ...]:
    """The scopes to ask for: those of the manifest."""
    package = Path(mentorbot.__file__).parent
    inside = package / "manifest.yml"
    manifest = inside if inside.is_file() else package.parent / "manifest.yml"
    data = yaml.safe_load(manifest.read_text(encoding="utf-8"))
    return tuple(data["oauth_config"]["scopes"]["bot"])
