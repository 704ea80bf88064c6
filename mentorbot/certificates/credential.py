"""A certificate as an Open Badges 3.0 credential, secured as a JSON Web Token.

1EdTech, Open Badges 3.0, section 8.2 (JSON Web Token proof format), on W3C's Verifiable
Credentials Data Model 2.0; its status is an entry of W3C's Bitstring Status List 1.0.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import NAMESPACE_URL, uuid5

from mentorbot.certificates import signing
from mentorbot.certificates.lettering import printable
from mentorbot.domain.issuing import IssuerKey, Statement

CONTEXT = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
)
MEDIA_TYPE = "application/vc+jwt"


@dataclass(frozen=True)
class Issuer:
    """Who signs: a workspace, at the address under which its bot is found, if it has one."""

    workspace_id: str
    public_url: str

    def did(self, key_id: str) -> str:
        """The issuer's name: its web address, which outlasts a key; without one, the key."""
        if not self.public_url:
            return f"did:key:{key_id}"
        at = urlsplit(self.public_url)
        path = ":".join(quote(part) for part in at.path.split("/") if part)
        place = ":".join(filter(None, (quote(at.netloc, safe=""), path)))
        return f"did:web:{place}:issuers:{self.workspace_id}"

    def kid(self, key_id: str) -> str:
        """Where the key stands."""
        return f"{self.did(key_id)}#{key_id}"

    def certificate_url(self, number: str) -> str:
        """The certificate's page; without an address, a name for the certificate."""
        return self._address(f"certificates/{self.workspace_id}-{number}")

    def status_url(self, page: int) -> str:
        """The status list's address; without one, a name for the list."""
        return self._address(f"status/{self.workspace_id}/{page}")

    def _address(self, path: str) -> str:
        if self.public_url:
            return f"{self.public_url}/{path}"
        return uuid5(NAMESPACE_URL, f"mentorbot:{path}").urn


def credential(said: Statement, issuer: Issuer, key_id: str, status: dict[str, Any]) -> Any:
    """The payload that is signed: the credential, and the claims that a token repeats of it."""
    url = issuer.certificate_url(said.number)
    subject = uuid5(NAMESPACE_URL, f"mentorbot:holder/{issuer.workspace_id}/{said.number}").urn
    programme = f"mentorbot:achievement/{issuer.workspace_id}/{said.programme_name}"
    return {
        "@context": list(CONTEXT),
        "id": url,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": said.heading,
        "issuer": {"id": issuer.did(key_id), "type": ["Profile"], "name": said.organisation},
        "validFrom": _instant(said.issued_at),
        "credentialSubject": {
            "id": subject,
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": False,
                    "identityHash": said.recipient_name,
                    "identityType": "name",
                }
            ],
            "licenseNumber": said.number,
            "role": said.role,
            "narrative": said.citation,
            "activityStartDate": _instant(datetime.combine(said.period_from, time(), UTC)),
            "activityEndDate": _instant(datetime.combine(said.period_to, time(), UTC)),
            "achievement": {
                "id": uuid5(NAMESPACE_URL, programme).urn,
                "type": ["Achievement"],
                "achievementType": "Certificate",
                "name": said.programme_name,
                "description": said.heading,
                "criteria": {"narrative": said.citation},
            },
        },
        "credentialStatus": status,
        "iss": issuer.did(key_id),
        "jti": url,
        "sub": subject,
        "nbf": int(said.issued_at.timestamp()),
    }


def stated(payload: dict[str, Any]) -> Statement:
    """What a credential of ours says, fit to print, whoever signed it.

    Raises LookupError, TypeError or ValueError where it is none.
    """
    subject = payload["credentialSubject"]
    return Statement(
        number=printable(str(subject["licenseNumber"])),
        programme_name=printable(str(subject["achievement"]["name"])),
        organisation=printable(str(payload["issuer"]["name"])),
        recipient_name=printable(str(subject["identifier"][0]["identityHash"])),
        heading=printable(str(payload["name"])),
        citation=printable(str(subject["narrative"])),
        role=printable(str(subject["role"])),
        period_from=_date(subject["activityStartDate"]),
        period_to=_date(subject["activityEndDate"]),
        issued_at=datetime.fromisoformat(payload["validFrom"]),
    )


def enveloped(token: str) -> dict[str, str]:
    """A token as JSON that holds it (Verifiable Credentials Data Model 2.0, section 4.13)."""
    return {
        "@context": CONTEXT[0],
        "id": f"data:{MEDIA_TYPE},{token}",
        "type": "EnvelopedVerifiableCredential",
    }


def key_set(issuer: Issuer, keys: list[IssuerKey]) -> dict[str, Any]:
    """The public keys as a JSON Web Key Set; `exp` says until when each signed."""
    found = []
    for key in keys:
        entry: dict[str, Any] = signing.jwk(key.key_id) | {"kid": issuer.kid(key.key_id)}
        if key.retired_at is not None:
            entry["exp"] = int(key.retired_at.timestamp())
        found.append(entry)
    return {"keys": found}


def did_document(issuer: Issuer, keys: list[IssuerKey]) -> dict[str, Any]:
    """The public keys as the DID document of `did:web`, retired ones too: their work stays good."""
    did = issuer.did("")
    methods = [
        {
            "id": issuer.kid(key.key_id),
            "type": "JsonWebKey",
            "controller": did,
            "publicKeyJwk": signing.jwk(key.key_id) | {"kid": issuer.kid(key.key_id)},
        }
        for key in keys
    ]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _date(text: str) -> date:
    return datetime.fromisoformat(text).date()
