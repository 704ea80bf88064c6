"""Verify a certificate without a database or a network: a PDF, a token, or JSON with a token."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mentorbot.certificates import credential, signing, status_list
from mentorbot.domain.errors import NotGenuine
from mentorbot.domain.issuing import Statement

ATTACHED_AS = "credential.jwt"
LEEWAY_SECONDS = 300
"""How far the clocks of an issuer's replicas may be apart."""

_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RuntimeError)
"""What files raise that are not as they should be; nested too deeply is a RuntimeError, too."""

Keys = Mapping[str, float]
"""Public keys by their ids, with the last second in which each signed."""


@dataclass(frozen=True)
class Verified:
    """What a signed certificate says; what could not be told without more files is None."""

    said: Statement
    key_id: str
    is_vouched_for: bool
    is_revoked: bool | None


def read_keys(content: bytes) -> Keys:
    """An issuer's keys, from a JSON Web Key Set or a DID document; raises NotGenuine."""
    try:
        told = json.loads(content)
        found = told.get("keys") or [it["publicKeyJwk"] for it in told["verificationMethod"]]
        keys = {signing.id_of_jwk(it): float(it.get("exp", "inf")) for it in found}
    except (*_UNREADABLE, OverflowError) as error:
        raise NotGenuine("verify.keys_unreadable") from error
    if not keys:
        raise NotGenuine("verify.keys_unreadable")
    return keys


def verify(content: bytes, keys: Keys | None, status: bytes | None) -> Verified:
    """What a certificate says, once its signature has held; raises NotGenuine, which says why.

    Without `keys` it is whole by the key that it names itself, for which nobody vouches then.
    `status` is the issuer's status list, of which the newest one is to be asked for.
    """
    token = read_token(content)
    key_id, payload = _checked(token, keys)
    try:
        said = credential.stated(payload)
        entry = payload["credentialStatus"]
    except (ValueError, LookupError, TypeError) as error:
        raise NotGenuine("verify.not_ours") from error
    is_revoked = None if status is None else _is_revoked(status, key_id, keys, entry)
    if is_revoked:
        raise NotGenuine("verify.revoked", number=said.number)
    return Verified(said, key_id, keys is not None, is_revoked)


def read_token(content: bytes) -> str:
    """The signed token in a PDF, a file of JSON, or by itself; raises NotGenuine."""
    if content.startswith(b"%PDF-"):
        content = _attached(content)
    try:
        text = content.decode().strip()
        if text.startswith("{"):
            text = str(json.loads(text)["id"]).removeprefix(f"data:{credential.MEDIA_TYPE},")
        signing.read(text)
    except (ValueError, LookupError, RecursionError) as error:
        raise NotGenuine("verify.unreadable") from error
    return text


def _attached(pdf: bytes) -> bytes:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        held = PdfReader(io.BytesIO(pdf)).attachments.get(ATTACHED_AS, [])
    except (PyPdfError, *_UNREADABLE, ArithmeticError, OSError) as error:
        raise NotGenuine("verify.unreadable") from error
    if len(held) != 1:
        raise NotGenuine("verify.nothing_attached")
    found = held[0]
    return found if isinstance(found, bytes) else bytes(found)


def _checked(token: str, keys: Keys | None) -> tuple[str, dict[str, Any]]:
    """The key that signed a token, and its payload; raises NotGenuine."""
    header, payload = signing.read(token)
    key_id = str(header.get("kid", "")).rpartition("#")[2]
    if header.get("alg") != signing.ALGORITHM:
        raise NotGenuine("verify.unreadable")
    if keys is not None and key_id not in keys:
        raise NotGenuine("verify.other_key")
    try:
        if not signing.is_signed_by(token, key_id):
            raise NotGenuine("verify.changed")
    except ValueError as error:
        raise NotGenuine("verify.changed") from error
    if keys is not None:
        _check_time(payload, keys[key_id])
    return key_id, payload


def _check_time(payload: dict[str, Any], last: float) -> None:
    """A key that was retired may have been lost since: what it signs afterwards is not genuine."""
    signed = payload.get("nbf")
    if not isinstance(signed, int):
        raise NotGenuine("verify.not_ours")
    if signed > last + LEEWAY_SECONDS:
        raise NotGenuine("verify.key_retired", on=f"{datetime.fromtimestamp(signed, UTC):%Y-%m-%d}")


def _is_revoked(status: bytes, key_id: str, keys: Keys | None, entry: Any) -> bool:
    try:
        token = read_token(status)
        signer, listed = _checked(token, keys)
        if keys is None and signer != key_id:
            raise NotGenuine("verify.status_unreadable")
        return status_list.is_revoked(listed, entry)
    except (ValueError, LookupError, TypeError, OSError, EOFError) as error:
        raise NotGenuine("verify.status_unreadable") from error
    except NotGenuine as error:
        raise NotGenuine("verify.status_unreadable") from error
