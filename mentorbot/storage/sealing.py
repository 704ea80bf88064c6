"""Sealing what nobody may read by chance: encrypted with keys that are not in the database.

Fernet, of the `cryptography` package: AES-128 in CBC mode under HMAC-SHA256. The first key seals;
each of them opens, so that a new one can be put before an old one, which goes once all is renewed.
"""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mentorbot.domain.errors import SecretKeyMissing

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


class Vault:
    """Seals and opens with some keys; without any it does neither. It never shows them."""

    def __init__(self, keys: Sequence[str] = ()) -> None:
        self._box = _box(keys) if keys else None

    @property
    def can_seal(self) -> bool:
        """Whether there is a key."""
        return self._box is not None

    def seal(self, what: Any, place: str) -> str:
        """Something that JSON can hold, sealed for one place; it opens nowhere else.

        Raises SecretKeyMissing.
        """
        return self._held().encrypt(json.dumps([place, what]).encode()).decode()

    def open(self, sealed: str, place: str) -> Any:
        """What was sealed for a place; raises SecretKeyMissing where its key is not among ours."""
        from cryptography.fernet import InvalidToken

        try:
            told, what = json.loads(self._held().decrypt(sealed.encode()))
        except InvalidToken as error:
            raise SecretKeyMissing from error
        if told != place:
            raise SecretKeyMissing
        return what

    def renew(self, sealed: str) -> str:
        """The same, sealed with the first key; raises SecretKeyMissing."""
        from cryptography.fernet import InvalidToken

        try:
            return self._held().rotate(sealed.encode()).decode()
        except InvalidToken as error:
            raise SecretKeyMissing from error

    def _held(self) -> "MultiFernet":
        if self._box is None:
            raise SecretKeyMissing
        return self._box


def _box(keys: Sequence[str]) -> "MultiFernet":
    from cryptography.fernet import Fernet, MultiFernet

    return MultiFernet([Fernet(key) for key in keys])


def new_key() -> str:
    """A key of 32 random bytes, in URL-safe base64."""
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()
