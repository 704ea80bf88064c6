"""Certificates by command: verified without a database, and signed by keys that come and go."""

import json
from pathlib import Path

import jwt
import pytest

from mentorbot import operating
from mentorbot.certificates import signing
from mentorbot.certificates.verifying import read_token
from mentorbot.domain.model import Certificate
from mentorbot.sandbox.demo import demo_settings
from mentorbot.storage import certificates, issuer_keys, participants, people
from mentorbot.storage.sealing import Vault, new_key
from mentorbot.usecases import issuing
from tests.journeys.telling import pair_up
from tests.operating.conftest import Run
from tests.world import AMARA, ZOE, World, on_both_databases

TEAM = "T0SANDBOX0"
WHERE = ("--workspace", TEAM)


@pytest.fixture
def commands(world: World, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """The commands, over the world's database, with its key, in an empty folder."""
    settings = world.bot.settings
    monkeypatch.setenv("MENTORBOT_DATABASE_URL", settings.mentorbot_database_url)
    monkeypatch.setenv("MENTORBOT_SECRET_KEYS", settings.mentorbot_secret_keys.get_secret_value())
    monkeypatch.chdir(tmp_path)
    return run


def earn(world: World) -> bytes:
    """Amara mentors Zoe to the end; the certificate as it stands in her DM."""
    amara, zoe = world.person(AMARA), world.person(ZOE)
    pair_up(amara, zoe)
    world.pass_days(27)
    zoe.give_feedback()
    (file,) = amara.files()
    return amara.hands.download(file["id"])


def only(world: World) -> Certificate:
    with world.bot.store.read(TEAM) as tx:
        mentor = participants.of_person(tx, "img", AMARA)
        assert mentor is not None
        (held,) = certificates.of_participant(tx, mentor.participant_id)
        return held


def test_certificate_from_slack_is_verified_offline_and_by_an_independent_library(
    world: World, commands: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pdf, keys = tmp_path / "certificate.pdf", tmp_path / "keys.json"
    pdf.write_bytes(earn(world))
    keys.write_text(commands("certificates", "issuer", *WHERE).output)
    status = tmp_path / "status.jwt"
    status.write_text(commands("certificates", "status", *WHERE).output)
    monkeypatch.setenv("MENTORBOT_DATABASE_URL", "sqlite:///nowhere/at-all.db")
    told = commands("verify", str(pdf), "--issuer", str(keys), "--status", str(status))
    assert told.exit_code == 0, told.output
    for said in ("genuine", "Amara", "Mentor", "IMG", "December 2026", "not revoked"):
        assert said in told.output
    whole = commands("verify", str(pdf))
    assert whole.exit_code == 3
    assert "--issuer" in whole.output
    token = read_token(pdf.read_bytes())
    theirs = jwt.PyJWKSet.from_json(keys.read_text())[jwt.get_unverified_header(token)["kid"]]
    options = {"verify_nbf": False}  # the story's clock is ahead
    assert jwt.decode(token, theirs.key, algorithms=["EdDSA"], options=options)["name"]
    spoilt = tmp_path / "spoilt.jwt"
    spoilt.write_text(token.replace(token[200], "A" if token[200] != "A" else "B", 1))
    refused = commands("verify", str(spoilt), "--issuer", str(keys))
    assert (refused.exit_code, refused.output.count("\n")) == (1, 1)


def test_name_that_is_signed_is_the_one_that_is_printed(world: World, commands: Run) -> None:
    earn(world)
    with world.bot.store.begin(TEAM) as tx:
        person = people.person(tx, AMARA)
        assert person is not None
        person.name = "Dr \u202eAmara 🌸 Nwosu\n"
        held = certificates.certificate(tx, only(world).certificate_id)
        assert held is not None
        held.credential = held.fingerprint = None
        assert issuing.sign(tx, held, world.clock())
        said = issuing.statement(tx, held)
    assert said is not None
    assert said.recipient_name == "Dr Amara Nwosu"


def test_rotated_key_leaves_what_it_signed_and_its_private_half_is_gone(
    world: World, commands: Run, tmp_path: Path
) -> None:
    pdf, keys, old = (tmp_path / name for name in ("c.pdf", "keys.json", "old.json"))
    pdf.write_bytes(earn(world))
    old.write_text(commands("certificates", "issuer", *WHERE).output)
    world.pass_days(1)
    with world.bot.store.begin(TEAM) as tx:
        issuing.rotate(tx, "operator", world.clock())
    keys.write_text(commands("certificates", "issuer", *WHERE).output)
    assert len(json.loads(keys.read_text())["keys"]) == 2
    assert commands("verify", str(pdf), "--issuer", str(keys)).exit_code == 0
    with world.bot.store.read(TEAM) as tx:
        first, second = issuer_keys.every(tx)
        assert (first.sealed, second.retired_at) == ("", None)
    made = commands("certificates", "rotate-key", *WHERE)
    assert made.exit_code == 0, made.output
    assert len(json.loads(commands("certificates", "issuer", *WHERE).output)["keys"]) == 3
    assert commands("secrets", "renew").exit_code == 0


def test_key_is_sealed_for_its_place_and_never_in_the_clear(world: World) -> None:
    earn(world)
    with world.bot.store.read(TEAM) as tx:
        (key,) = issuer_keys.every(tx)
        secret = issuing.pen(tx, world.clock()).secret
        assert secret not in key.sealed
        token = signing.sign({}, secret, f"#{key.key_id}")
        assert signing.is_signed_by(token, key.key_id)


def test_certificates_without_a_secret_key_are_signed_later_each_once(
    world: World, commands: Run
) -> None:
    vault = world.bot.store.vault
    world.bot.store.vault = Vault()
    assert b"credential.jwt" not in earn(world)
    assert only(world).credential is None
    world.bot.store.vault = vault
    assert "1 certificates" in commands("certificates", "sign", *WHERE).output
    signed = only(world).credential
    assert signed is not None
    assert "0 certificates" in commands("certificates", "sign", *WHERE).output
    assert only(world).credential == signed


def test_signing_in_bulk_goes_on_after_a_kill_and_signs_each_exactly_once(
    world: World, commands: Run
) -> None:
    earn(world)
    first = only(world)
    with world.bot.store.begin(TEAM) as tx:
        for number in range(2, 8):
            again = (f"{number:026x}", "img", number, first.participant_id)
            period = (first.period_from_on, first.period_to_on, 1, first.issued_at)
            tx.add(Certificate(TEAM, *again, *period))

    def signed() -> dict[str, str]:
        with world.bot.store.read(TEAM) as tx:
            held = certificates.of_participant(tx, first.participant_id)
            assert len({it.status_index for it in held if it.credential}) == sum(
                it.credential is not None for it in held
            )
            return {it.certificate_id: it.credential for it in held if it.credential}

    with world.bot.store.begin(TEAM) as tx:
        done = issuing.sign_slice(tx, "", 2, world.clock())
    assert done == (f"{3:026x}", 2)
    committed = signed()
    with pytest.raises(KeyboardInterrupt):
        _be_killed(world, done[0])
    assert signed() == committed
    assert len(committed) == 3
    assert "4 certificates" in commands("certificates", "sign", *WHERE).output
    assert len(signed()) == 7
    assert signed().items() >= committed.items()


def _be_killed(world: World, after: str) -> None:
    with world.bot.store.begin(TEAM) as tx:
        assert issuing.sign_slice(tx, after, 2, world.clock()) is not None
        raise KeyboardInterrupt


def test_lost_secret_key_keeps_nobody_from_giving_feedback(world: World, commands: Run) -> None:
    with world.bot.store.begin(TEAM) as tx:
        issuing.pen(tx, world.clock())
    world.bot.store.vault = Vault([new_key()])
    assert earn(world).startswith(b"%PDF")
    assert only(world).credential is None
    with world.bot.store.begin(TEAM) as tx:
        issuing.rotate(tx, "operator", world.clock())
        assert issuing.sign_slice(tx, "", 10, world.clock()) is not None
    assert only(world).fingerprint is not None


@on_both_databases
def test_name_goes_from_the_server_with_the_person_and_the_certificate_stays_good(
    world: World,
) -> None:
    earn(world)
    before = only(world)
    with world.bot.store.read(TEAM) as tx:
        said = issuing.statement(tx, before)
    assert said is not None
    assert "Amara" in said.recipient_name
    operating.erase_person(world.bot.settings, TEAM, AMARA, world.clock)
    with world.bot.store.read(TEAM) as tx:
        after = certificates.certificate(tx, before.certificate_id)
        assert after is not None
        assert issuing.statement(tx, after) is None
        assert issuing.sign_slice(tx, "", 10, world.clock()) is None
    assert (after.credential, after.fingerprint) == (None, before.fingerprint)
    assert (after.status_index, after.revoked_at) == (0, None)


def test_settings_of_the_demo_can_sign(tmp_path: Path) -> None:
    settings = demo_settings(tmp_path, "http://localhost/api/", "xoxb-1", "xapp-1")
    assert Vault(settings.secret_keys).can_seal
