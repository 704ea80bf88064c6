"""Ed25519 keys and compact JSON Web Signatures made with them.

RFC 8037 (keys and `EdDSA` in JOSE), RFC 7515 (the compact form), and W3C's Multikey for the name
of a key: `z`, then base58btc of the bytes ed 01 and the public half.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

ALGORITHM = "EdDSA"
_ED25519 = b"\xed\x01"
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def new_pair() -> tuple[str, str]:
    """A key's id, which is its public half, and its private half in base64url."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    pair = Ed25519PrivateKey.generate()
    return _id_of(pair.public_key().public_bytes_raw()), encoded(pair.private_bytes_raw())


def public_half(key_id: str) -> bytes:
    """The 32 bytes that a key's id stands for; raises ValueError where it is none."""
    number = 0
    if not key_id.startswith("z") or len(key_id) != 48:
        raise ValueError("not the id of an Ed25519 key")
    for letter in key_id[1:]:
        number = number * 58 + _BASE58.index(letter)
    found = number.to_bytes(34, "big")
    if not found.startswith(_ED25519):
        raise ValueError("not the id of an Ed25519 key")
    return found[2:]


def jwk(key_id: str) -> dict[str, str]:
    """A key's public half as a JSON Web Key."""
    half = encoded(public_half(key_id))
    return {"kty": "OKP", "crv": "Ed25519", "x": half, "alg": ALGORITHM, "use": "sig"}


def id_of_jwk(key: Mapping[str, Any]) -> str:
    """The id of a JSON Web Key's public half; raises ValueError where it is no Ed25519 key."""
    if key.get("kty") != "OKP" or key.get("crv") != "Ed25519":
        raise ValueError("not an Ed25519 key")
    half = decoded(str(key.get("x", "")))
    if len(half) != 32:
        raise ValueError("not an Ed25519 key")
    return _id_of(half)


def sign(payload: Mapping[str, Any], secret: str, kid: str) -> str:
    """A payload, signed: header, payload and signature in base64url, with dots between."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    header = {"alg": ALGORITHM, "typ": "JWT", "kid": kid}
    signed = f"{_packed(header)}.{_packed(payload)}"
    key = Ed25519PrivateKey.from_private_bytes(decoded(secret))
    return f"{signed}.{encoded(key.sign(signed.encode()))}"


def read(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A token's header and payload, unverified; raises ValueError where it is none."""
    head, body, _signature = token.split(".")
    header, payload = json.loads(decoded(head)), json.loads(decoded(body))
    if not isinstance(header, dict) or not isinstance(payload, dict):
        raise ValueError("a token holds objects")
    return header, payload


def is_signed_by(token: str, key_id: str) -> bool:
    """Whether a token's signature was made by a key; raises ValueError where it is no token."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    signed, _dot, signature = token.rpartition(".")
    try:
        key = Ed25519PublicKey.from_public_bytes(public_half(key_id))
        key.verify(decoded(signature), signed.encode())
    except InvalidSignature:
        return False
    return True


def encoded(content: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(content).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """What `encoded` made, and nothing but that: raises ValueError for any other spelling."""
    content = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encoded(content) != text:
        raise ValueError("not base64url")
    return content


def _packed(content: Mapping[str, Any]) -> str:
    return encoded(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())


def _id_of(half: bytes) -> str:
    number, letters = int.from_bytes(_ED25519 + half, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        letters = _BASE58[digit] + letters
    return f"z{letters}"
