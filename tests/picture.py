"""Takes the README's picture: the demo's page in Chromium, a few days into a first cycle."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from mentorbot.sandbox.demo import DemoControls
from tests.world import (
    ABEBE,
    AMARA,
    CLAIRE,
    LINA,
    MARGARET,
    OMAR,
    PRIYA,
    RAJESH,
    ZOE,
    World,
    world_at,
)

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SIZE = {"width": 1280, "height": 1120}
IGBO = ["English", "Igbo"]
OFFER = "Eight years on Leeds wards, exam tips, and a friendly ear."
HOPES = "Finding my feet on the ward, and somebody to ask so-called silly questions."
JOINING = (
    (AMARA, "mentor", {"languages": IGBO, "offer": OFFER, "capacity": "2"}),
    (ZOE, "mentee", {"level": "Foundation doctor", "languages": IGBO, "hopes": HOPES}),
    (MARGARET, "mentor", {"specialty": "General practice", "place": "York", "capacity": "3"}),
    (PRIYA, "mentee", {"specialty": "General practice", "place": "Bradford"}),
    (RAJESH, "mentor", {"specialty": "Psychiatry", "place": "Chennai"}),
    (LINA, "mentee", {"specialty": "Psychiatry", "place": "Manchester"}),
    (CLAIRE, "mentor", {"specialty": "Anaesthetics", "place": "Sheffield"}),
    (ABEBE, "mentee", {"specialty": "Anaesthetics", "place": "Middlesbrough"}),
    (OMAR, "mentee", {"specialty": "Emergency medicine", "place": "Hull"}),
)


def play(world: World) -> str:
    """A few days of the programme; returns the conversation to show, in which Zoë is a mentee."""
    for slack_user_id, role, answers in JOINING:
        world.person(slack_user_id).join(role, **answers)
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair: str = zoe.groups()[0]["id"]
    world.clock.advance(timedelta(minutes=9))
    zoe.hands.say(pair, "Hello Amara! I start on the ward next week and have so many questions.")
    world.clock.advance(timedelta(minutes=4))
    amara.hands.say(pair, "Welcome to Leeds, Zoë! Coffee on Thursday after handover?")
    world.pass_days(2)
    zoe.hands.say(pair, "How rotas work! I never dared to ask. Thursday at five is perfect.")
    world.pass_days(2)
    return pair


def photograph(page: Page, address: str, conversation: str, target: Path) -> None:
    """Act as Zoë, open a conversation and keep what is seen."""
    page.goto(address)
    page.get_by_test_id(f"person-{ZOE}").click()
    page.get_by_test_id(f"conversation-{conversation}").click()
    page.get_by_test_id("messages").get_by_text("Thursday at five").wait_for()
    page.screenshot(path=target)


def take(target: Path) -> None:
    """Start the demo's parts, play, and write the picture; raises LookupError without a browser."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise LookupError(f"a picture needs one of: {', '.join(BROWSERS)}")
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as folder, world_at(Path(folder)) as world:
        controls = DemoControls(world.clock, "Europe/London")
        controls.running, world.sandbox.controls = world.running, controls
        conversation = play(world)
        with sync_playwright() as playwright:
            running = playwright.chromium.launch(executable_path=browser, args=as_root)
            page = running.new_page(viewport=SIZE, locale="en-GB", color_scheme="light")
            photograph(page, world.sandbox.url, conversation, target)
            running.close()


if __name__ == "__main__":
    logging.getLogger("slack_bolt").setLevel(logging.CRITICAL)  # hanging up at the end is meant
    try:
        take(Path(sys.argv[1]))
    except LookupError as missing:
        sys.exit(str(missing))
