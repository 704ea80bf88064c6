"""views.*: triggers, the stack of modals, hashes and external ids."""

import pytest
from slack_sdk import WebClient

from mentorbot.sandbox.server import Sandbox
from tests.sandbox.api import refusal, refused
from tests.sandbox.trial_bot import TrialBot, form, home

ZOE = "U0ZOE00000"


@pytest.fixture
def trigger(sandbox: Sandbox) -> str:
    return sandbox.state.issue_trigger(ZOE)


def test_trigger_opens_one_modal_once(sandbox: Sandbox, client: WebClient, trigger: str) -> None:
    view = client.views_open(trigger_id=trigger, view=form())["view"]
    assert sandbox.person(ZOE).modal is not None
    assert view["root_view_id"] == view["id"]
    answer = refusal(client, "views.open", trigger_id=trigger, view=form())
    assert answer == "exchanged_trigger_id"


def test_expired_trigger_is_refused(sandbox: Sandbox, client: WebClient, trigger: str) -> None:
    sandbox.trigger_lifetime_seconds = 0.0
    answer = refusal(client, "views.open", trigger_id=trigger, view=form())
    assert answer == "expired_trigger_id"


def test_unknown_trigger_is_refused(client: WebClient) -> None:
    answer = refusal(client, "views.open", trigger_id="1.2.abc", view=form())
    assert answer == "invalid_trigger_id"


def test_stack_holds_three_modals(sandbox: Sandbox, client: WebClient) -> None:
    def push() -> dict[str, str]:
        return {"trigger_id": sandbox.state.issue_trigger(ZOE)}

    assert refusal(client, "views.push", view=form(), **push()) == "not_found"
    first = client.views_open(view=form(), **push())["view"]
    second = client.views_push(view=form(), **push())["view"]
    assert second["previous_view_id"] == second["root_view_id"] == first["id"]
    client.views_push(view=form(), **push())
    assert refusal(client, "views.push", view=form(), **push()) == "push_limit_reached"
    sandbox.person(ZOE).close_modal()
    assert sandbox.person(ZOE).modal["id"] == second["id"]


def test_stale_hash_conflicts(client: WebClient, trigger: str) -> None:
    view = client.views_open(trigger_id=trigger, view=form())["view"]
    by_id = {"view_id": view["id"], "hash": view["hash"]}
    client.views_update(view=form(private_metadata="new"), **by_id)
    assert refusal(client, "views.update", view=form(), **by_id) == "hash_conflict"
    published = client.views_publish(user_id=ZOE, view=home("One"))["view"]
    client.views_publish(user_id=ZOE, view=home("Two"), hash=published["hash"])
    answer = refusal(
        client, "views.publish", user_id=ZOE, view=home("Three"), hash=published["hash"]
    )
    assert answer == "hash_conflict"


def test_external_id_is_taken_once_and_finds_its_view(
    sandbox: Sandbox, client: WebClient, trigger: str
) -> None:
    client.views_open(trigger_id=trigger, view=form(external_id="mine"))
    again = {"trigger_id": sandbox.state.issue_trigger(ZOE), "view": form(external_id="mine")}
    assert refusal(client, "views.push", **again) == "duplicate_external_id"
    client.views_update(external_id="mine", view=form(external_id="mine", private_metadata="x"))
    assert sandbox.person(ZOE).modal["private_metadata"] == "x"


def test_closed_view_is_not_found(sandbox: Sandbox, client: WebClient, trigger: str) -> None:
    view = client.views_open(trigger_id=trigger, view=form())["view"]
    sandbox.person(ZOE).close_modal()
    assert refusal(client, "views.update", view_id=view["id"], view=form()) == "not_found"
    assert refusal(client, "views.update", view=form()) == "invalid_arguments"


def test_invalid_view_is_pointed_at_and_keeps_its_trigger(client: WebClient, trigger: str) -> None:
    answer = refused(client, "views.open", trigger_id=trigger, view=form(title=None))
    assert answer["error"] == "invalid_arguments"
    assert "title" in answer["response_metadata"]["messages"][0]
    assert refusal(client, "views.open", trigger_id=trigger, view="{") == "invalid_arguments"
    client.views_open(trigger_id=trigger, view=form())


def test_home_belongs_to_a_member(client: WebClient) -> None:
    answer = refusal(client, "views.publish", user_id="U0SOFIA000", view=home("Hello"))
    assert answer == "user_not_found"


def test_client_checks_a_form_before_it_is_sent(bot: TrialBot) -> None:
    number = {
        "type": "number_input",
        "action_id": "n",
        "is_decimal_allowed": False,
        "min_value": "1",
        "max_value": "3",
    }
    label = {"type": "plain_text", "text": "How many"}
    view = form()
    view["blocks"] += [{"type": "input", "block_id": "n", "label": label, "element": number}]
    person = bot.sandbox.person(ZOE)
    bot.app.client.views_open(trigger_id=bot.sandbox.state.issue_trigger(ZOE), view=view)
    for wrong in ("none", "1.5", "0", "4"):
        person.fill(hope="x", n=wrong)
        assert set(person.submit()) == {"n"}
    person.fill(hope="x" * 41, n="2")
    assert set(person.submit()) == {"hope"}
    assert bot.heard == []
    person.fill(hope="x")
    assert person.submit() == {}


def test_updated_view_keeps_what_was_typed(
    sandbox: Sandbox, client: WebClient, trigger: str
) -> None:
    view = client.views_open(trigger_id=trigger, view=form())["view"]
    sandbox.person(ZOE).fill(hope="Typed", capacity="2")
    client.views_update(view_id=view["id"], view={**form(), "blocks": form()["blocks"][:1]})
    values = sandbox.person(ZOE).modal["state"]["values"]
    assert values == {"hope": {"text": {"type": "plain_text_input", "value": "Typed"}}}
