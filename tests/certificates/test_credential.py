"""What a signed certificate promises: anybody can check it, offline, and by other means too."""

import io
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from mentorbot.certificates import credential, signing, status_list, verifying
from mentorbot.certificates.credential import Issuer
from mentorbot.domain.errors import NotGenuine
from mentorbot.domain.issuing import IssuerKey, Statement
from tests.certificates.test_page import DR_OKONKWO, render, replace

SIGNED_AT = datetime(2026, 1, 20, 10, tzinfo=UTC)
ISSUER = Issuer("T0SANDBOX0", "https://mentorbot.example.org")
NOWHERE = Issuer("T0SANDBOX0", "")
SAID = Statement(
    number="0193a5b2c3d4e5f60718293a4b",
    programme_name="IMG Mentorship Programme",
    organisation="Hospital Doctors’ Network",
    recipient_name="Dr Zoë 王小明",
    heading="Certificate of Mentorship",
    citation="for guiding two colleagues",
    role="Mentor",
    period_from=date(2025, 12, 1),
    period_to=date(2026, 1, 20),
    issued_at=SIGNED_AT,
)
PAIR = signing.new_pair()
OTHER = signing.new_pair()


def made(pair: tuple[str, str] = PAIR, issuer: Issuer = ISSUER, index: int = 5) -> str:
    payload = credential.credential(SAID, issuer, pair[0], status_list.entry(issuer, index))
    return signing.sign(payload, pair[1], issuer.kid(pair[0]))


def key(pair: tuple[str, str] = PAIR, retired_at: datetime | None = None) -> IssuerKey:
    return IssuerKey("T0SANDBOX0", pair[0], "", SIGNED_AT - timedelta(days=9), retired_at)


def keys(*held: IssuerKey) -> bytes:
    return json.dumps(credential.key_set(ISSUER, list(held))).encode()


def listed(*revoked: int, pair: tuple[str, str] = PAIR, page: int = 0) -> bytes:
    payload = status_list.status_list(ISSUER, pair[0], page, revoked, SIGNED_AT)
    return signing.sign(payload, pair[1], ISSUER.kid(pair[0])).encode()


def check(content: bytes, by: bytes | None = None, status: bytes | None = None) -> Any:
    return verifying.verify(content, None if by is None else verifying.read_keys(by), status)


def why(content: bytes, by: bytes | None = None, status: bytes | None = None) -> str:
    with pytest.raises(NotGenuine) as refused:
        check(content, by, status)
    return refused.value.key.removeprefix("verify.")


def test_independent_library_accepts_a_certificate_and_refuses_another_key() -> None:
    found = jwt.PyJWKSet.from_json(keys(key()).decode())
    kid = jwt.get_unverified_header(made())["kid"]
    payload = jwt.decode(made(), found[kid].key, algorithms=["EdDSA"], issuer=ISSUER.did(PAIR[0]))
    assert payload["credentialSubject"]["identifier"][0]["identityHash"] == "Dr Zoë 王小明"
    theirs = jwt.PyJWK(signing.jwk(OTHER[0]))
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(made(), theirs.key, algorithms=["EdDSA"])


def test_independent_library_refuses_each_changed_byte() -> None:
    public, token = jwt.PyJWK(signing.jwk(PAIR[0])).key, made()
    for place in range(0, len(token), 41):
        spoilt = f"{token[:place]}{'A' if token[place] != 'A' else 'B'}{token[place + 1 :]}"
        with pytest.raises(jwt.InvalidTokenError):
            jwt.decode(spoilt, public, algorithms=["EdDSA"])
        with pytest.raises(NotGenuine):
            check(spoilt.encode(), keys(key()))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_certificate_with_any_one_byte_changed_does_not_hold(data: st.DataObject) -> None:
    token = made().encode()
    place = data.draw(st.integers(0, len(token) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda it: it != token[place]))
    spoilt = token[:place] + bytes([byte]) + token[place + 1 :]
    if spoilt.strip() != token:
        assert why(spoilt, keys(key())) in ("changed", "unreadable", "other_key")


def test_what_is_verified_is_what_was_signed() -> None:
    found = check(made().encode(), keys(key()), listed())
    assert found == verifying.Verified(SAID, PAIR[0], True, False)
    alone = check(made().encode())
    assert (alone.said, alone.is_vouched_for, alone.is_revoked) == (SAID, False, None)


def test_pdf_json_and_token_are_the_same_certificate() -> None:
    token = made()
    pdf = render(replace(DR_OKONKWO, credential=token))
    assert b"pdfaid:part>3" in pdf
    assert b"pdfaid:conformance>A" in pdf
    enveloped = json.dumps(credential.enveloped(token)).encode()
    for content in (pdf, enveloped, f"{token}\n".encode()):
        assert check(content, keys(key())).said == SAID


def test_pdf_with_a_changed_or_missing_credential_does_not_hold() -> None:
    reader = PdfReader(io.BytesIO(render(replace(DR_OKONKWO, credential=made(OTHER)))))
    assert why(render(DR_OKONKWO)) == "nothing_attached"
    changed = PdfWriter()
    changed.append_pages_from_reader(reader)
    changed.add_attachment(verifying.ATTACHED_AS, made()[:-9] + "AAAAAAAAA")
    spoilt = io.BytesIO()
    changed.write(spoilt)
    assert why(spoilt.getvalue(), keys(key())) in ("changed", "unreadable")
    assert why(b"%PDF-1.7 nothing") == "unreadable"
    assert why(b"\xff\xfe") == "unreadable"


def test_pdf_that_is_packed_in_no_known_way_is_refused() -> None:
    pdf = render(replace(DR_OKONKWO, credential=made()))
    assert why(pdf.replace(b"/FlateDecode", b"/FlateDecodX")) == "unreadable"
    assert why(pdf[: len(pdf) // 2]) == "unreadable"


def test_what_a_stranger_signed_cannot_steer_the_terminal() -> None:
    payload = signing.read(made(OTHER))[1]
    said = payload["credentialSubject"]["identifier"][0]
    said["identityHash"] = "Zoë\x1b[2J\n\u202egenuine"
    token = signing.sign(payload, OTHER[1], ISSUER.kid(OTHER[0]))
    assert check(token.encode()).said.recipient_name == "Zoë[2J genuine"


def test_who_signs_with_a_key_of_their_own_is_refused() -> None:
    forged = made(OTHER)
    assert why(forged.encode(), keys(key())) == "other_key"
    payload = signing.read(forged)[1]
    borrowed = signing.sign(payload, OTHER[1], ISSUER.kid(PAIR[0]))
    assert why(borrowed.encode(), keys(key())) == "changed"
    assert not check(forged.encode()).is_vouched_for


def test_token_that_names_another_algorithm_is_refused() -> None:
    payload = made().split(".")[1]
    for header in ({"alg": "none"}, {"alg": "HS256", "kid": ISSUER.kid(PAIR[0])}):
        head = signing.encoded(json.dumps(header).encode())
        assert why(f"{head}.{payload}.".encode(), keys(key())) == "unreadable"


def test_retired_key_keeps_what_it_signed_and_signs_nothing_more() -> None:
    after, before = SIGNED_AT + timedelta(days=1), SIGNED_AT - timedelta(days=1)
    assert check(made().encode(), keys(key(retired_at=after), key(OTHER))).said == SAID
    assert why(made().encode(), keys(key(retired_at=before), key(OTHER))) == "key_retired"


def test_revoked_certificate_is_refused_and_its_neighbours_hold() -> None:
    for index in (0, 5, 7, 8, status_list.BITS - 1):
        token = made(index=index).encode()
        assert why(token, keys(key()), listed(index)) == "revoked"
        assert check(token, keys(key()), listed(index + 1, index - 1)).is_revoked is False
    beyond = made(index=status_list.BITS + 3).encode()
    assert why(beyond, keys(key()), listed(status_list.BITS + 3, page=1)) == "revoked"


def test_status_list_of_somebody_else_says_nothing() -> None:
    token = made().encode()
    assert why(token, keys(key()), listed(pair=OTHER)) == "status_unreadable"
    assert why(token, None, listed(pair=OTHER)) == "status_unreadable"
    assert why(token, keys(key()), listed(page=1)) == "status_unreadable"
    assert why(token, keys(key()), made().encode()) == "status_unreadable"
    assert why(token, keys(key()), b"{}") == "status_unreadable"


def test_issuer_is_named_by_its_address_or_by_its_key() -> None:
    assert ISSUER.did("z") == "did:web:mentorbot.example.org:issuers:T0SANDBOX0"
    at_port = Issuer("T1", "https://example.org:8443/bot")
    assert at_port.did("z") == "did:web:example.org%3A8443:bot:issuers:T1"
    payload = signing.read(made(issuer=NOWHERE))[1]
    assert payload["issuer"]["id"] == payload["iss"] == f"did:key:{PAIR[0]}"
    assert payload["id"].startswith("urn:uuid:")
    assert check(made(issuer=NOWHERE).encode(), keys(key())).said == SAID


def test_did_document_serves_as_a_list_of_keys() -> None:
    document = credential.did_document(ISSUER, [key(), key(OTHER)])
    assert set(verifying.read_keys(json.dumps(document).encode())) == {PAIR[0], OTHER[0]}
    endless = json.dumps(signing.jwk(PAIR[0]))[:-1] + ', "exp": 1' + "0" * 400 + "}"
    for spoilt in (
        *(b"", b"[]", b'{"keys": []}', b'{"keys": [{"kty": "RSA"}]}', b'{"keys": [3]}'),
        *(b'{"keys": ' + b"[" * 100_000, f'{{"keys": [{endless}]}}'.encode()),
    ):
        with pytest.raises(NotGenuine):
            verifying.read_keys(spoilt)


def test_key_id_is_the_one_of_the_published_vectors() -> None:
    """RFC 8037, appendix A.2, and the name by which `did:key` knows that key."""
    public = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    key_id = "z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw"
    assert signing.id_of_jwk(public) == key_id
    assert signing.jwk(key_id)["x"] == public["x"]
    for spoilt in ("", "z", key_id[:-1], f"{key_id[:-1]}0", "z" + "1" * 47):
        with pytest.raises(ValueError, match=r"key|substring|bytes"):
            signing.public_half(spoilt)
