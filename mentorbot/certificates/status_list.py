"""Which certificates are revoked, as a list of bits that is itself signed.

W3C, Bitstring Status List 1.0: at least 131,072 bits, so that asking tells nobody's name; the first
index is the left-most bit; gzip, then base64url with the prefix `u` of Multibase.
"""

import gzip
import io
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from mentorbot.certificates import signing
from mentorbot.certificates.credential import CONTEXT, Issuer

BITS = 131_072
"""Entries of one list, and the fewest that the specification allows: 16 KiB."""


def entry(issuer: Issuer, index: int) -> dict[str, str]:
    """Where a credential's status stands; indexes count on over all lists of the issuer."""
    page, place = divmod(index, BITS)
    url = issuer.status_url(page)
    return {
        "id": f"{url}#{place}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(place),
        "statusListCredential": url,
    }


def status_list(
    issuer: Issuer, key_id: str, page: int, revoked: Iterable[int], now: datetime
) -> dict[str, Any]:
    """The payload of one list; `revoked` holds indexes, of which those of other lists are left."""
    bits = bytearray(BITS // 8)
    for index in revoked:
        found, place = divmod(index, BITS)
        if found == page:
            bits[place // 8] |= 0x80 >> place % 8
    url, did = issuer.status_url(page), issuer.did(key_id)
    return {
        "@context": [CONTEXT[0]],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": did,
        "validFrom": now.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z"),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": f"u{signing.encoded(gzip.compress(bytes(bits), mtime=0))}",
        },
        "iss": did,
        "jti": url,
        "nbf": int(now.timestamp()),
    }


def is_revoked(listed: dict[str, Any], status: dict[str, Any]) -> bool:
    """Whether an entry is set in a list's payload.

    Raises ValueError or LookupError where the list is another one, or cannot be read.
    """
    if listed["id"] != status["statusListCredential"]:
        raise ValueError("another list")
    encoded = str(listed["credentialSubject"]["encodedList"])
    with gzip.open(io.BytesIO(signing.decoded(encoded.removeprefix("u")))) as packed:
        bits = packed.read(64 * BITS)
    place = int(status["statusListIndex"])
    if not 0 <= place < len(bits) * 8:
        raise LookupError("beyond the list")
    return bool(bits[place // 8] & 0x80 >> place % 8)
