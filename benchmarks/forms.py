"""Role forms as Slack submits them, each from another person who has no role yet."""

import threading
from itertools import count
from typing import Any

from benchmarks import stage
from mentorbot.bootstrap import MentorBot
from mentorbot.domain.model import Role
from mentorbot.programmes import preset
from mentorbot.slack import meant
from mentorbot.slack.enrolment import form_view

ANSWERS: dict[str, str | list[str]] = {
    "specialty": "Paediatrics",
    "level": "Registrar or specialty trainee",
    "place": "Leeds",
    "languages": ["English"],
    "hopes": "Finding my feet in the NHS.",
}


class Forms:
    """Role forms, each from another person."""

    def __init__(self, workspace_id: str) -> None:
        self.workspace_id = workspace_id
        self.numbers = count()
        self._lock = threading.Lock()
        self._view = _filled_view(workspace_id)

    def next(self) -> dict[str, Any]:
        """The next person's form."""
        with self._lock:
            number = next(self.numbers)
        return {
            "type": "view_submission",
            "team": {"id": self.workspace_id, "domain": "benchmark"},
            "user": {"id": stage.user_id(number), "username": "b", "team_id": self.workspace_id},
            "api_app_id": "A0BENCHMARK",
            "token": "unused",
            "trigger_id": f"{number}.1.benchmark",
            "view": self._view,
            "response_urls": [],
        }


def newcomers(bot: MentorBot, workspace_id: str, how_many: int) -> Forms:
    """Forms of people whose accounts the bot knows, and who have no role yet."""
    with bot.store.begin(workspace_id) as tx:
        stage.know_people(tx, [stage.user_id(number) for number in range(how_many)])
    return Forms(workspace_id)


def _filled_view(workspace_id: str) -> dict[str, Any]:
    """The form as Slack sends it back: the view that was opened, and what was filled in."""
    form = form_view(preset("img"), Role.MENTEE, None, "en", new=True)
    view = meant.stamped_view(form, "img")
    elements = {b["block_id"]: b["element"] for b in view["blocks"] if b["type"] == "input"}
    values = {
        name: {element.get("action_id", name): _filled(element, ANSWERS[name])}
        for name, element in elements.items()
    }
    return {
        **view,
        "id": "V0BENCHMARK",
        "team_id": workspace_id,
        "hash": "1.benchmark",
        "state": {"values": values},
    }


def _filled(element: dict[str, Any], answer: str | list[str]) -> dict[str, Any]:
    kind = element["type"]
    if kind == "plain_text_input":
        return {"type": kind, "value": answer}
    if isinstance(answer, list):
        return {"type": kind, "selected_options": [_option(text) for text in answer]}
    return {"type": kind, "selected_option": _option(answer)}


def _option(text: str) -> dict[str, Any]:
    return {"text": {"type": "plain_text", "text": text}, "value": text}
