"""Installing from a link: agreed to once, in one browser, with a state that serves once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import yaml

from mentorbot.sandbox.population import Population
from mentorbot.slack.oauth_stores import States
from mentorbot.wording import say
from tests.web.stage import HttpWorld, serving_worlds, state_cookie

MANIFEST = Path(__file__).parents[2] / "manifest.yml"


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpWorld]:
    """A bot that can be installed from a link, and a workspace that has not done so."""
    with serving_worlds(tmp_path_factory.mktemp("link"), Population.read()) as (made,):
        yield made


def tokens_held(world: HttpWorld) -> int:
    with world.bot.store.engine.connect() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM slack_bots").scalar_one())


@pytest.fixture
def not_installed(linked: HttpWorld) -> Iterator[HttpWorld]:
    """A world to which no token may come."""
    before = tokens_held(linked)
    yield linked
    linked.sandbox.state.grants.refuses = False
    assert tokens_held(linked) == before


def consent(world: HttpWorld) -> tuple[httpx.Response, str]:
    """Start installing, and agree: the first answer, and where Slack leads back to."""
    started = httpx.get(f"{world.url}/slack/install")
    agreed = httpx.get(started.headers["location"])
    return started, agreed.headers["location"]


def test_the_link_leads_to_slack_with_the_manifests_scopes(not_installed: HttpWorld) -> None:
    started = httpx.get(f"{not_installed.url}/slack/install")
    where = urlsplit(started.headers["location"])
    asked = {name: values[0] for name, values in parse_qs(where.query).items()}
    scopes = yaml.safe_load(MANIFEST.read_text("utf-8"))["oauth_config"]["scopes"]["bot"]
    assert started.status_code == 302
    assert where.path == "/oauth/v2/authorize"
    assert asked["scope"].split(",") == scopes
    assert asked["redirect_uri"] == f"{not_installed.url}/slack/oauth_redirect"
    assert "Secure" in started.headers["set-cookie"]
    assert "HttpOnly" in started.headers["set-cookie"]


def test_nothing_that_a_visitor_adds_goes_on_to_slack(not_installed: HttpWorld) -> None:
    added = {"team": "T0\r\nX: y", "scope": "admin", "redirect_uri": "https://elsewhere.org"}
    started = httpx.get(f"{not_installed.url}/slack/install", params=added)
    assert started.status_code == 302
    for word in ("T0", "admin", "elsewhere"):
        assert word not in started.headers["location"]


def test_who_cancels_is_told_that_nothing_was_installed(not_installed: HttpWorld) -> None:
    not_installed.sandbox.state.grants.refuses = True
    started, back = consent(not_installed)
    page = httpx.get(back, headers=state_cookie(started))
    assert "Nothing was installed" in page.text


def test_a_state_that_was_never_issued_is_refused(not_installed: HttpWorld) -> None:
    _started, back = consent(not_installed)
    code = parse_qs(urlsplit(back).query)["code"][0]
    page = httpx.get(
        f"{not_installed.url}/slack/oauth_redirect",
        params={"code": code, "state": "made-up"},
        headers={"Cookie": "slack-app-oauth-state=made-up"},
    )
    assert page.status_code == 401
    assert "Please follow the install link again" in page.text


def test_another_browser_cannot_finish_what_this_one_began(not_installed: HttpWorld) -> None:
    _started, back = consent(not_installed)
    for headers in ({}, {"Cookie": "slack-app-oauth-state=theirs"}):
        page = httpx.get(back, headers=headers)
        assert page.status_code == 400
        assert "the browser in which you started" in page.text


def test_a_wrong_or_missing_code_is_refused(not_installed: HttpWorld) -> None:
    for code in ({"code": "1.made-up"}, {}):
        started, back = consent(not_installed)
        state = parse_qs(urlsplit(back).query)["state"][0]
        page = httpx.get(
            f"{not_installed.url}/slack/oauth_redirect",
            params={**code, "state": state},
            headers=state_cookie(started),
        )
        assert page.status_code == 401


def test_slack_out_of_reach_is_told_kindly(not_installed: HttpWorld) -> None:
    not_installed.sandbox.faults.lose_answer("oauth.v2.access")
    started, back = consent(not_installed)
    page = httpx.get(back, headers=state_cookie(started))
    assert page.status_code == 502
    assert "follow the install link again in a minute" in page.text


def test_what_a_visitor_writes_is_never_shown_as_markup(not_installed: HttpWorld) -> None:
    where = f"{not_installed.url}/slack/oauth_redirect"
    page = httpx.get(where, params={"error": "<script>alert(1)</script>"})
    assert "<script>" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_installing_works_once_for_each_state(linked: HttpWorld) -> None:
    started, back = consent(linked)
    page = httpx.get(back, headers=state_cookie(started))
    assert page.status_code == 200
    assert linked.sandbox.population.workspace_name in page.text
    assert tokens_held(linked) == 1

    again = httpx.get(back, headers=state_cookie(started))
    assert again.status_code == 401
    assert str(say("installing.used_link")) in again.text
    assert tokens_held(linked) == 1


def test_of_two_who_use_a_state_at_once_one_is_refused(linked: HttpWorld) -> None:
    states = States(linked.bot)
    for _round in range(5):
        state = states.issue()
        with ThreadPoolExecutor(8) as threads:
            used = list(threads.map(states.consume, [state] * 8))
        assert used.count(True) == 1


def test_states_that_ran_out_are_dropped(linked: HttpWorld) -> None:
    engine = linked.bot.store.engine
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE slack_oauth_states SET expire_at = '2020-01-01'")
    httpx.get(f"{linked.url}/slack/install")
    with engine.connect() as connection:
        left = connection.exec_driver_sql("SELECT count(*) FROM slack_oauth_states")
        assert left.scalar_one() == 1


def test_a_bot_with_one_token_offers_no_installing(shared: HttpWorld) -> None:
    assert httpx.get(f"{shared.url}/slack/install").status_code == 404
