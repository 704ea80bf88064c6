"""A certificate on the web: what an employer reads, and what programs verify it with."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import jwt
import pytest
from pydantic import SecretStr
from sqlalchemy import select

from mentorbot import operating
from mentorbot.certificates import credential, signing, verifying
from mentorbot.domain.errors import NotGenuine
from mentorbot.domain.model import AuditEntry, Certificate
from mentorbot.slack.app import create_app
from mentorbot.storage import certificates, issuer_keys, participants
from mentorbot.usecases import issuing
from mentorbot.web.server import create_web
from tests.journeys.telling import name_of, pair_up
from tests.web.stage import HttpWorld, serving_world
from tests.world import AMARA, HANNAH, OMAR, ZOE, World, world_at

TEAM = "T0SANDBOX0"
REASON = "Issued to the wrong person"


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpWorld]:
    """Amara has mentored Zoe to the end, and holds her certificate."""
    with serving_world(tmp_path_factory.mktemp("issued")) as world:
        earn(world)
        yield world


def earn(world: World) -> None:
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    world.pass_days(27)
    zoe.give_feedback()


def only(world: HttpWorld) -> Certificate:
    with world.bot.store.read(TEAM) as tx:
        mentor = participants.of_person(tx, "img", AMARA)
        assert mentor is not None
        (held,) = certificates.of_participant(tx, mentor.participant_id)
        return held


def get(world: HttpWorld, path: str) -> httpx.Response:
    return httpx.get(f"{world.url}/{path}")


def page_of(world: HttpWorld, suffix: str = "") -> httpx.Response:
    return get(world, f"certificates/{TEAM}-{only(world).certificate_id}{suffix}")


def check(world: HttpWorld, content: bytes) -> verifying.Verified:
    keys = verifying.read_keys(get(world, f"issuers/{TEAM}/jwks.json").content)
    return verifying.verify(content, keys, get(world, f"status/{TEAM}/0").content)


def test_employer_reads_what_the_certificate_says_and_nothing_else(issued: HttpWorld) -> None:
    answer = page_of(issued)
    assert answer.status_code == 200
    with issued.bot.store.read(TEAM) as tx:
        said = issuing.statement(tx, only(issued))
    assert said is not None
    for shown in (said.recipient_name, said.programme_name, said.organisation, said.citation):
        assert shown in answer.text
    assert "genuine" in answer.text
    for hidden in (AMARA, ZOE, "Okonkwo", "<script", "Understanding rotas"):
        assert hidden not in answer.text
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["cache-control"] == "no-store"
    assert '<html lang="en">' in answer.text
    for link in re.findall(r'href="([^"]+)"', answer.text):
        assert httpx.get(f"{answer.url}/../{link}").status_code == 200, link


def test_files_on_the_web_verify_here_and_by_an_independent_library(issued: HttpWorld) -> None:
    token = page_of(issued, ".jwt")
    assert token.headers["content-type"].startswith("application/vc+jwt")
    assert check(issued, token.content) == check(issued, page_of(issued, ".json").content)
    kid = jwt.get_unverified_header(token.text)["kid"]
    did = get(issued, f"issuers/{TEAM}/did.json").json()
    (method,) = [it for it in did["verificationMethod"] if it["id"] == kid]
    public = jwt.PyJWK(method["publicKeyJwk"]).key
    options = {"verify_nbf": False}  # the story's clock is ahead
    payload = jwt.decode(
        token.text, public, algorithms=["EdDSA"], issuer=did["id"], options=options
    )
    assert payload["id"] == str(page_of(issued).url)
    status = get(issued, f"status/{TEAM}/0").text
    listed = jwt.decode(status, public, algorithms=["EdDSA"], options=options)
    assert listed["id"] == payload["credentialStatus"]["statusListCredential"]


@pytest.mark.parametrize(
    "path",
    [
        "certificates/",
        "certificates/T0SANDBOX0",
        "certificates/T0SANDBOX0-",
        "certificates/T0SANDBOX0-00",
        "certificates/T0SANDBOX0-00.jwt",
        "certificates/T0NEIGHBOR-00.json",
        "certificates/%00-00",
        "certificates/" + "T" * 3000 + "-00",
        "issuers/T0NEIGHBOR/did.json",
        "issuers/x/jwks.json",
        "status/T0SANDBOX0/1",
        "status/T0SANDBOX0/-1",
        "status/T0SANDBOX0/9" + "9" * 5000,
        "status/T0NEIGHBOR/0",
    ],
)
def test_address_that_leads_nowhere_is_not_found(issued: HttpWorld, path: str) -> None:
    assert get(issued, path).status_code == 404


def test_without_a_public_address_nothing_is_public_and_certificates_verify_all_the_same(
    tmp_path: Path,
) -> None:
    with world_at(tmp_path) as world:
        earn(world)
        (file,) = world.person(AMARA).files()
        pdf = world.person(AMARA).hands.download(file["id"])
        secret = {"slack_signing_secret": SecretStr("secret")}
        bot = replace(world.bot, settings=world.bot.settings.model_copy(update=secret))
        routes = create_web(bot, create_app(bot)).routes
        with world.bot.store.read(TEAM) as tx:
            keys = credential.key_set(issuing.issuer(tx), issuer_keys.every(tx))
    assert not [it for it in routes if "certificates" in str(getattr(it, "path", ""))]
    assert b"/certificates/" not in pdf
    assert verifying.verify(pdf, verifying.read_keys(json.dumps(keys).encode()), None)


def test_pdf_leads_to_its_page_with_a_code_to_scan(issued: HttpWorld) -> None:
    amara = issued.person(AMARA)
    (file,) = amara.files()
    assert str(page_of(issued).url).encode() in amara.hands.download(file["id"])


def test_revoked_certificate_is_refused_everywhere_with_the_reason_on_record(
    world: HttpWorld,
) -> None:
    earn(world)
    hannah, amara = world.person(HANNAH), world.person(AMARA)
    token = page_of(world, ".jwt").content
    for rest in ("revoke", "revoke Amara because", f"revoke {name_of(amara)}"):
        assert "revoke @mentor the reason" in hannah.command(f"certificate {rest}")
    assert "no certificate here" in hannah.command(f"certificate revoke <@{OMAR}> {REASON}")
    assert "coordinator" in amara.command(f"certificate revoke {name_of(amara)} {REASON}")
    assert check(world, token).is_revoked is False
    assert "is revoked" in hannah.command(f"certificate revoke {name_of(amara)} {REASON}")
    with pytest.raises(NotGenuine, match=r"verify\.revoked"):
        check(world, token)
    page = page_of(world).text
    assert "was revoked by its issuer on" in page
    assert REASON not in page
    assert "(revoked)" in amara.home()
    held = only(world)
    assert (held.revoked_by, held.revoked_reason) == (HANNAH, REASON)
    with world.bot.store.read(TEAM) as tx:
        asked = select(AuditEntry).where(AuditEntry.action == "certificate.revoke")
        entries = list(tx.session.scalars(asked))
    assert [(it.actor, it.details["reason"]) for it in entries] == [(HANNAH, REASON)]
    assert "no certificate here" in hannah.command(f"certificate revoke {name_of(amara)} again")


def test_page_of_somebody_erased_stays_good_without_their_name(world: HttpWorld) -> None:
    earn(world)
    path = f"certificates/{TEAM}-{only(world).certificate_id}"
    token = get(world, f"{path}.jwt").content
    name = check(world, token).said.recipient_name
    assert name in get(world, path).text
    operating.erase_person(world.bot.settings, TEAM, AMARA, world.clock)
    page = get(world, path)
    assert page.status_code == 200
    assert name not in page.text
    assert "has not been revoked" in page.text
    assert [get(world, f"{path}{it}").status_code for it in (".jwt", ".json")] == [404, 404]
    assert check(world, token).is_revoked is False


def test_name_that_looks_like_markup_is_text(world: HttpWorld) -> None:
    earn(world)
    with world.bot.store.begin(TEAM) as tx:
        held = certificates.certificate(tx, only(world).certificate_id)
        assert held is not None
        held.credential = _renamed(held.credential or "", '<b>&"Zoë</b>')
    page = page_of(world).text
    assert "&lt;b&gt;&amp;&quot;Zoë&lt;/b&gt;" in page
    assert "does not hold" in page


def _renamed(token: str, name: str) -> str:
    head, _body, signature = token.split(".")
    payload = signing.read(token)[1]
    payload["credentialSubject"]["identifier"][0]["identityHash"] = name
    return f"{head}.{signing.encoded(json.dumps(payload).encode())}.{signature}"
