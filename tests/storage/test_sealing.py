"""Sealed: unreadable without a key, of no use in another place, and renewed with a new key."""

import pytest
from pydantic import SecretStr, ValidationError

from mentorbot.config import Settings
from mentorbot.domain.errors import SecretKeyMissing
from mentorbot.storage.sealing import Vault, new_key

OLD, NEW = new_key(), new_key()
PLACE = "a1/under_represented"


def test_what_is_sealed_is_read_with_its_key_alone() -> None:
    sealed = Vault([OLD]).seal("Indigenous", PLACE)
    assert "Indigenous" not in sealed
    assert Vault([OLD]).open(sealed, PLACE) == "Indigenous"
    for stranger in (Vault([NEW]), Vault()):
        with pytest.raises(SecretKeyMissing):
            stranger.open(sealed, PLACE)


def test_same_answer_looks_different_each_time() -> None:
    vault = Vault([OLD])
    assert vault.seal(1, PLACE) != vault.seal(1, PLACE)


def test_answer_that_is_moved_to_somebody_else_does_not_open() -> None:
    vault = Vault([OLD])
    with pytest.raises(SecretKeyMissing):
        vault.open(vault.seal(1, PLACE), "a2/under_represented")


def test_new_key_before_the_old_one_seals_and_both_open() -> None:
    before, both, after = Vault([OLD]), Vault([NEW, OLD]), Vault([NEW])
    sealed = before.seal(["a", "b"], PLACE)
    assert both.open(sealed, PLACE) == ["a", "b"]
    assert after.open(both.renew(sealed), PLACE) == ["a", "b"]
    assert after.open(both.seal(3, PLACE), PLACE) == 3
    with pytest.raises(SecretKeyMissing):
        after.renew(sealed)


def test_without_a_key_nothing_is_sealed() -> None:
    assert not Vault().can_seal
    with pytest.raises(SecretKeyMissing):
        Vault().seal(1, PLACE)


def test_keys_come_from_the_settings_and_are_kept_out_of_logs() -> None:
    settings = Settings(_env_file=None, mentorbot_secret_keys=SecretStr(f"{NEW}, {OLD}"))
    assert settings.secret_keys == (NEW, OLD)
    assert {NEW, OLD} <= set(settings.secrets)
    assert NEW not in repr(settings)


@pytest.mark.parametrize("keys", ["secret", "x" * 44, "a b"])
def test_what_is_no_key_is_refused_by_its_setting(keys: str) -> None:
    with pytest.raises(ValidationError, match="mentorbot secrets new"):
        Settings(_env_file=None, mentorbot_secret_keys=SecretStr(keys))
