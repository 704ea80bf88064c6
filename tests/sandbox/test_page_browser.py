"""The page in a real browser, with a small Bolt app answering over Socket Mode."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from mentorbot.sandbox.clock import VirtualClock
from mentorbot.sandbox.modals import put_on_stack
from mentorbot.sandbox.server import ClockControls, Sandbox

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium or Google Chrome on the PATH"),
]
ZOE, SOFIA, CHANNEL = "U0ZOE00000", "U0SOFIA000", "C0IMGMENTR"


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def button(action_id: str, text: str) -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": plain(text)}


TOWN_FORM = {
    "type": "modal",
    "callback_id": "town",
    "title": plain("Where do you work?"),
    "submit": plain("Save"),
    "blocks": [
        {
            "type": "input",
            "block_id": "town",
            "label": plain("Town"),
            "element": {"type": "plain_text_input", "action_id": "town", "max_length": 40},
        }
    ],
}
GUIDELINES = {
    "type": "modal",
    "callback_id": "guidelines",
    "title": plain("Guidelines"),
    "submit": plain("Agree"),
    "close": plain("Back"),
    "blocks": [{"type": "section", "text": plain("Be kind.")}],
}


def small_app(client: WebClient) -> App:
    """A bot with a home, a command that opens a form, and a button."""
    app = App(client=client, process_before_response=True)

    @app.event("app_home_opened")
    def show_home(event: dict[str, Any], client: WebClient) -> None:
        blocks = [{"type": "actions", "elements": [button("town", "Change my town")]}]
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    @app.event("team_join")
    def welcome(event: dict[str, Any], client: WebClient) -> None:
        client.chat_postMessage(channel=event["user"]["id"], text="Welcome *aboard*")

    @app.command("/mentorbot")
    def answer(ack: Any, body: dict[str, Any], client: WebClient) -> None:
        if body["text"] == "help":
            ack("Ask <!channel> for <javascript:alert(1)|help> & <b>more</b>")
            return
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=TOWN_FORM)

    @app.view("town")
    def check_town(ack: Any, view: dict[str, Any]) -> None:
        town = view["state"]["values"]["town"]["town"]["value"]
        if town == "Nowhere":
            ack(response_action="errors", errors={"town": "There is no such town."})
        else:
            ack(response_action="push", view={**GUIDELINES, "private_metadata": town})

    @app.view("guidelines")
    def save(ack: Any, view: dict[str, Any], body: dict[str, Any], client: WebClient) -> None:
        ack(response_action="clear")
        actions = {"type": "actions", "elements": [button("undo", "Undo")]}
        text = {"type": "mrkdwn", "text": f"Saved *{view['private_metadata']}*"}
        blocks = [{"type": "section", "text": text}, actions]
        client.chat_postMessage(channel=body["user"]["id"], text="Saved", blocks=blocks)

    @app.view("file")
    def take(ack: Any, view: dict[str, Any], body: dict[str, Any], client: WebClient) -> None:
        (file,) = view["state"]["values"]["file"]["file"]["files"]
        ack()
        client.chat_postMessage(channel=body["user"]["id"], text=f"I have {file['name']}.")

    @app.action("undo")
    def undo(ack: Any, respond: Any) -> None:
        ack()
        respond(text="Undone", replace_original=True)

    return app


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(VirtualClock(datetime(2026, 11, 23, 10, 0, tzinfo=UTC))) as running:
        client = WebClient(token=running.bot_token, base_url=running.api_url)
        handler = SocketModeHandler(small_app(client), running.app_token)
        handler.connect()
        running.wait_until_connected()
        yield running
        handler.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser, sandbox: Sandbox) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB")
    opened = context.new_page()
    failures: list[str] = []
    opened.on("pageerror", lambda error: failures.append(str(error)))
    opened.goto(sandbox.url)
    expect(opened.locator("body")).to_have_class("ready")
    yield opened
    context.close()
    assert failures == []


def act_as(page: Page, person: str, conversation: str | None = None) -> None:
    page.get_by_test_id(f"person-{person}").click()
    if conversation:
        page.get_by_test_id(f"conversation-{conversation}").click()


def send(page: Page, text: str) -> None:
    page.get_by_test_id("composer-text").fill(text)
    page.keyboard.press("Enter")


def test_form_is_refused_corrected_pushed_and_saved(page: Page) -> None:
    act_as(page, ZOE, CHANNEL)
    send(page, "/mentorbot town")
    modal = page.get_by_test_id("modal")
    expect(modal).to_contain_text("Where do you work?")
    expect(page.get_by_test_id("input-town")).to_be_focused()
    page.get_by_test_id("modal-submit").click()
    expect(page.get_by_test_id("field-error-town")).to_have_text(
        "Please complete this required field."
    )
    page.get_by_test_id("input-town").fill("Nowhere")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("field-error-town")).to_have_text("There is no such town.")
    expect(page.get_by_test_id("input-town")).to_have_value("Nowhere")
    page.get_by_test_id("input-town").fill("Leeds")
    page.get_by_test_id("modal-submit").click()
    expect(modal).to_contain_text("Be kind.")
    page.get_by_label("Back", exact=True).click()
    expect(page.get_by_test_id("input-town")).to_have_value("Leeds")
    page.get_by_test_id("modal-submit").click()
    expect(modal).to_contain_text("Be kind.")
    page.get_by_test_id("modal-submit").click()
    expect(modal).to_be_hidden()
    page.get_by_test_id("conversation-D0ZOE00000").click()
    expect(page.get_by_test_id("messages").locator("strong")).to_have_text("Leeds")
    page.get_by_test_id("action-undo").click()
    expect(page.get_by_test_id("messages")).to_contain_text("Undone")
    expect(page.get_by_test_id("action-undo")).to_have_count(0)


def test_ephemeral_answer_is_marked_and_its_text_is_only_text(page: Page) -> None:
    act_as(page, ZOE, CHANNEL)
    send(page, "/mentorbot help")
    messages = page.get_by_test_id("messages")
    expect(messages).to_contain_text("Only visible to you")
    expect(messages.locator(".pill-ping")).to_have_text("@channel")
    expect(messages.locator("b, a")).to_have_count(0)
    act_as(page, "U0AMARA000", CHANNEL)
    expect(messages).not_to_contain_text("Only visible to you")


def test_newcomer_joins_and_is_greeted(page: Page) -> None:
    page.get_by_test_id(f"join-{SOFIA}").click()
    expect(page.get_by_test_id(f"unread-{SOFIA}")).to_have_text("1")
    page.get_by_test_id("conversation-D0SOFIA000").click()
    expect(page.get_by_test_id("messages").locator("strong")).to_have_text("aboard")
    expect(page.get_by_test_id(f"unread-{SOFIA}")).to_have_count(0)


def test_reload_stays_with_the_person_and_place(page: Page) -> None:
    act_as(page, ZOE, "home")
    expect(page.get_by_test_id("home")).to_contain_text("Change my town")
    page.reload()
    expect(page.get_by_test_id(f"person-{ZOE}")).to_have_attribute("aria-current", "true")
    expect(page.get_by_test_id("home")).to_contain_text("Change my town")


def test_half_typed_text_survives_what_others_do(page: Page, sandbox: Sandbox) -> None:
    act_as(page, ZOE, CHANNEL)
    page.get_by_test_id("composer-text").fill("Half a th")
    sandbox.person("U0AMARA000").say(CHANNEL, "Good morning")
    expect(page.get_by_test_id("messages")).to_contain_text("Good morning")
    expect(page.get_by_test_id("composer-text")).to_have_value("Half a th")
    expect(page.get_by_test_id("composer-text")).to_be_focused()


def test_clock_moves_and_says_so(page: Page) -> None:
    expect(page.get_by_test_id("clock-date")).to_contain_text("Monday")
    page.get_by_test_id("clock-day").click()
    expect(page.get_by_test_id("toast")).to_contain_text("24 November")
    expect(page.get_by_test_id("clock-date")).to_contain_text("Tuesday")


def test_silent_bot_is_said_to_have_not_responded(page: Page, sandbox: Sandbox) -> None:
    sandbox.answer_timeout_seconds = 0.3
    act_as(page, ZOE, "home")
    page.get_by_role("button", name="Change my town").click()
    expect(page.get_by_role("alert").filter(has_text="didn’t respond")).to_be_visible()


MRKDWN = {
    "*bold* and _italic_ and ~gone~": "<strong>bold</strong> and <em>italic</em> and <s>gone</s>",
    "2*3*4 snake_case_word": "2*3*4 snake_case_word",
    "*a* b *c*": "<strong>a</strong> b <strong>c</strong>",
    "`*code*`": "<code>*code*</code>",
    "&lt;b&gt; &amp;amp; <b>": "&lt;b&gt; &amp;amp; <span>b</span>",
    "<javascript:alert(1)|press>": "<span>press</span>",
    "<!here>": '<span class="pill pill-ping" title="This would notify everybody">@here</span>',
    ":tada: :no_such_thing:": "🎉 :no_such_thing:",
}


def test_mrkdwn_is_read_as_slack_reads_it(page: Page) -> None:
    rendered = page.evaluate(
        """async (texts) => {
            const { mrkdwn } = await import("/_page/assets/mrkdwn.js");
            const { world } = await import("/_page/assets/world.js");
            return texts.map((text) => mrkdwn(text, world).querySelector(".line").innerHTML);
        }""",
        list(MRKDWN),
    )
    assert dict(zip(MRKDWN, rendered, strict=True)) == MRKDWN


def test_dates_are_said_in_the_readers_own_zone(page: Page) -> None:
    said = page.evaluate(
        """async () => {
            const dates = await import("/_page/assets/dates.js");
            const now = new Date("2026-11-23T10:00:00Z");
            const at = Date.parse("2026-11-23T23:30:00Z") / 1000;
            const format = "{date_short_pretty} at {time}";
            return [
                dates.dateTokens(at, format, now, "Europe/London"),
                dates.dateTokens(at, format, now, "Australia/Sydney"),
                dates.dateTokens(at + 864000, "{date} {ago} {what}", now, "Europe/London"),
                dates.localOf(dates.instantOf("2026-07-01T09:15", "Europe/London"), "UTC"),
                dates.localOf(dates.instantOf("2026-12-01T18:30", "Asia/Kolkata"), "UTC"),
            ];
        }"""
    )
    assert said == [
        "today at 23:30",
        "tomorrow at 10:30",
        "3 December 2026 in 11 days {what}",
        "2026-07-01T08:15",
        "2026-12-01T13:00",
    ]


def select(*options: str) -> dict[str, Any]:
    listed = [{"text": plain(text), "value": text} for text in options]
    return {"type": "static_select", "action_id": "it", "options": listed}


def asked(block_id: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(block_id),
        "element": element,
    } | more


WRITTEN = {"type": "plain_text_input", "action_id": "it"}
TONGUES = {**select("English", "Igbo"), "type": "multi_static_select"}
TICKED = {
    "type": "checkboxes",
    "action_id": "it",
    "options": [{"text": plain("I will"), "value": "acknowledged"}],
}
DETAILS_FORM = {
    "type": "modal",
    "callback_id": "details",
    "title": plain("Details"),
    "submit": plain("Save"),
    "blocks": [
        asked("specialty", select("Paediatrics", "Psychiatry")),
        asked("level", select("A level nobody here has")),
        asked("place", WRITTEN),
        asked("languages", TONGUES),
        asked("hopes", {**WRITTEN, "multiline": True}),
        asked("capacity", {**select("1", "2"), "initial_option": select("2")["options"][0]}),
        asked("acknowledged", TICKED),
        asked("town", WRITTEN),
    ],
}


def show_details(sandbox: Sandbox) -> None:
    """Have the bot show Zoë a form with fields of every kind."""
    state = sandbox.state
    with state.change():
        put_on_stack(state, ZOE, DETAILS_FORM)


def test_form_is_filled_in_only_where_it_is_empty_and_can_be_corrected(
    page: Page, sandbox: Sandbox
) -> None:
    act_as(page, ZOE)
    show_details(sandbox)
    fill = page.get_by_test_id("modal-fill")
    expect(fill).to_have_text("Fill in as Dr Zoë Okonkwo would")
    page.get_by_test_id("input-place").fill("Hull")
    page.get_by_test_id("modal-submit").click()
    expect(page.get_by_test_id("field-error-hopes")).not_to_be_empty()
    fill.click()
    expect(fill).to_be_hidden()
    expect(page.get_by_test_id("modal-submit")).to_be_focused()
    expect(page.get_by_test_id("input-place")).to_have_value("Hull")
    expect(page.get_by_test_id("input-capacity")).to_have_value("2")
    expect(page.get_by_test_id("input-level")).to_have_value("")
    expect(page.get_by_test_id("input-town")).to_have_value("")
    expect(page.get_by_test_id("field-error-hopes")).to_be_empty()
    expect(page.get_by_test_id("field-error-town")).not_to_be_empty()
    page.get_by_test_id("input-specialty").select_option("Psychiatry")
    page.get_by_test_id("modal-submit").click()
    expect(page.get_by_test_id("field-error-hopes")).to_be_empty()
    modal = sandbox.person(ZOE).modal
    assert modal is not None
    sent = {key: value["it"] for key, value in modal["state"]["values"].items()}
    assert sent["specialty"]["selected_option"]["value"] == "Psychiatry"
    assert [it["value"] for it in sent["languages"]["selected_options"]] == ["English", "Igbo"]
    assert sent["hopes"]["value"] == sandbox.population.answers_of(ZOE)["hopes"]
    assert [it["value"] for it in sent["acknowledged"]["selected_options"]] == ["acknowledged"]


def test_offer_to_fill_in_comes_back_when_a_field_is_emptied(page: Page, sandbox: Sandbox) -> None:
    act_as(page, ZOE)
    show_details(sandbox)
    fill = page.get_by_test_id("modal-fill")
    fill.click()
    expect(fill).to_be_hidden()
    page.get_by_label("Remove English").click()
    expect(fill).to_be_hidden()
    page.get_by_label("Remove Igbo").click()
    expect(fill).to_be_visible()


def test_form_without_a_known_answer_offers_nothing(page: Page) -> None:
    act_as(page, ZOE, CHANNEL)
    send(page, "/mentorbot town")
    expect(page.get_by_test_id("input-town")).to_be_focused()
    expect(page.get_by_test_id("modal-fill")).to_be_hidden()


class Messenger(ClockControls):
    """Controls that bring a message to some people whenever time moves."""

    def __init__(self, sandbox: Sandbox, receivers: list[str]) -> None:
        super().__init__(sandbox.clock)
        self.receivers = receivers
        self.client = WebClient(token=sandbox.bot_token, base_url=sandbox.api_url)

    def advance(self, step: str) -> str:
        for receiver in self.receivers:
            self.client.chat_postMessage(channel=receiver, text="A word from the bot")
        return super().advance(step)


def test_when_time_moves_whoever_got_something_is_one_press_away(
    page: Page, sandbox: Sandbox
) -> None:
    sandbox.controls = Messenger(sandbox, [ZOE])
    page.get_by_test_id("clock-day").click()
    toast = page.get_by_test_id("toast")
    expect(toast).to_contain_text("New for")
    expect(page.get_by_test_id(f"unread-{ZOE}")).to_have_text("1")
    toast.get_by_role("button", name="Dr Zoë Okonkwo").click()
    expect(page.get_by_test_id(f"person-{ZOE}")).to_have_attribute("aria-current", "true")


class FarAlong(ClockControls):
    """Controls that tell of a long way come."""

    def progress(self) -> dict[str, Any]:
        label = "Cycle 12 · week 4 of 4 · day 28 of 28"
        return {
            "programmes": [
                {"label": label, "fraction": 1.0},
                {"label": f"A programme with a long name: {label}", "fraction": 0.5},
            ],
            "next": "Check-in, Wednesday, 30 December at 10:00",
        }


BAR = (
    *("#workspace-name", ".clock-steps", "#progress-label-0", "#progress-lines progress"),
    "#bot-state",
)
WIDTHS = (820, 960, 1000, 1130, 1200, 1280, 1366, 1440, 1600, 1920)


def test_parts_of_the_bar_keep_apart_at_every_width(page: Page, sandbox: Sandbox) -> None:
    sandbox.controls = FarAlong(sandbox.clock)
    page.reload()
    expect(page.locator("#progress-label-0")).to_contain_text("day 28")
    expect(page.locator("#progress-label-1")).to_contain_text("A programme with a long name")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        edges = page.evaluate(
            """(parts) => parts.map((part) => document.querySelector(part).getBoundingClientRect())
                .filter((box) => box.width).map((box) => [box.left, box.right])""",
            list(BAR),
        )
        assert all(left[1] < right[0] for left, right in pairwise(edges)), (width, edges)
        assert edges[-1][1] <= width, (width, edges)


def test_file_is_chosen_uploaded_and_handed_in(page: Page, sandbox: Sandbox) -> None:
    field = {
        "type": "input",
        "block_id": "file",
        "label": plain("Your file"),
        "element": {"type": "file_input", "action_id": "file", "max_files": 1},
    }
    act_as(page, ZOE)
    with sandbox.state.change():
        put_on_stack(sandbox.state, ZOE, {**TOWN_FORM, "callback_id": "file", "blocks": [field]})
    chosen = {"name": "mine.yml", "mimeType": "text/yaml", "buffer": b"id: mine"}
    page.get_by_test_id("input-file").set_input_files(chosen)  # type: ignore[arg-type]  # a payload
    expect(page.get_by_test_id("field-file")).to_contain_text("mine.yml")
    page.get_by_test_id("modal-submit").click()
    expect(page.get_by_test_id("modal")).to_be_hidden()
    page.get_by_test_id("conversation-D0ZOE00000").click()
    expect(page.get_by_test_id("messages")).to_contain_text("I have mine.yml.")
    (kept,) = sandbox.state.files.values()
    assert kept.content == b"id: mine"
