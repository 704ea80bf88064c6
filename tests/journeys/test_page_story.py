"""The thinnest whole story once more, by hand: the real demo, its page, a browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from pypdf import PdfReader

from mentorbot.slack import ids
from tests.world import AMARA, ZOE

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
CHANNEL, MOST_STEPS = "C0IMGMENTR", 12
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium or Google Chrome on the PATH"),
]


@contextmanager
def demo(folder: Path) -> Iterator[str]:
    """The demo as its command starts it, kept in a folder; gives the page's address."""
    options = ("--fresh", "--no-browser", "--port", "0", "--folder", str(folder))
    command = [sys.executable, "-u", "-m", "mentorbot", "demo", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            first = running.stdout.readline()
            assert first.startswith("MentorBot demo: "), first
            yield first.removeprefix("MentorBot demo: ").strip()
        finally:
            running.terminate()
            running.communicate(timeout=30)
    assert running.returncode == 0


@contextmanager
def page_at(address: str) -> Iterator[Page]:
    """The demo's page in a browser; no script of it may fail."""
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    failures: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=as_root)
        page = browser.new_page(locale="en-GB", viewport={"width": 1280, "height": 900})
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.goto(address)
        expect(page.locator("body")).to_have_class("ready")
        yield page
        browser.close()
    assert failures == []


def open_as(page: Page, person: str, conversation: str) -> None:
    page.get_by_test_id(f"person-{person}").click()
    page.get_by_test_id(f"conversation-{conversation}").click()


def dm_of(person: str) -> str:
    """The id of the simulated workspace's direct message with the bot."""
    return f"D{person[1:]}"


def press(page: Page, action_id: str) -> None:
    page.get_by_test_id(f"action-{action_id}").last.click()


def send(page: Page) -> None:
    page.get_by_test_id("modal-submit").click()


def fill_in_and_send(page: Page) -> None:
    page.get_by_test_id("modal-fill").click()
    send(page)


def join(page: Page, person: str, action_id: str) -> None:
    """Choose a role; the form is sent too early first, then filled in, then agreed to."""
    modal = page.get_by_test_id("modal")
    open_as(page, person, CHANNEL)
    press(page, action_id)
    send(page)
    expect(page.get_by_test_id("field-error-specialty")).to_have_text(
        "Please complete this required field."
    )
    fill_in_and_send(page)
    expect(modal).to_contain_text("Guidelines")
    fill_in_and_send(page)
    expect(modal).to_be_hidden()


def move_on(page: Page) -> None:
    """Move the clock to the next thing that happens."""
    page.get_by_test_id("clock-next").click()
    expect(page.locator("body.time-moves")).to_have_count(0, timeout=30_000)


def move_until(page: Page, words: str) -> None:
    """Move from one thing to the next until the open conversation says this."""
    for _step in range(MOST_STEPS):
        move_on(page)
        if page.get_by_test_id("messages").get_by_text(words).count():
            return
    raise AssertionError(f"nobody was told {words!r}")


def download(page: Page, target: Path) -> Path:
    """Keep the newest file of the open conversation."""
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download").last.click()
    coming.value.save_as(target)
    return target


def test_cycle_is_lived_through_on_the_page_down_to_the_certificate(tmp_path: Path) -> None:
    with demo(tmp_path / "demo") as address, page_at(address) as page:
        messages, modal = page.get_by_test_id("messages"), page.get_by_test_id("modal")
        join(page, AMARA, ids.JOIN_AS_MENTOR)
        join(page, ZOE, ids.JOIN_AS_MENTEE)
        page.locator('[data-testid^="conversation-G"]').click()
        expect(messages).to_contain_text("you both work in paediatrics in Leeds")

        move_until(page, "A question to start a conversation")
        move_on(page)
        expect(page.get_by_test_id("toast")).to_contain_text("New for")
        open_as(page, ZOE, dm_of(ZOE))
        expect(messages).to_contain_text("Week 1")
        press(page, ids.CHECK_IN_MET)
        expect(messages).to_contain_text("You met with")

        move_until(page, "Please give your feedback")
        press(page, ids.GIVE_FEEDBACK)
        fill_in_and_send(page)
        expect(modal).to_contain_text("The certificate is on its way")
        page.get_by_test_id("modal-close").click()

        open_as(page, AMARA, dm_of(AMARA))
        expect(messages).to_contain_text("Certificate of Mentorship")
        certificate = PdfReader(download(page, tmp_path / "certificate.pdf"))
        assert "Dr Amara Nwosu" in certificate.pages[0].extract_text()
