"""Set a mentor's certificate as a PDF page."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import segno
import typst

from mentorbot.certificates.lettering import printable, safe_file_name

HERE = Path(__file__).parent

WORDING_KEYS = frozenset(
    {
        "heading",  # "Certificate of Mentorship"
        "presented_to",  # "This certificate is presented to", set above the name
        "citation",  # one or two sentences: what was given, to how many, in which programme
        "period",  # "23 November – 20 December 2026"
        "issued",  # "Issued on 20 December 2026"
        "id_label",  # "Certificate no.", set before the id
        "role",  # "Mentor", one word inside the seal
        "check_at",  # "Check it at", set above the address of the certificate's page
        "fingerprint_label",  # "Fingerprint", set before the digits that tell one from another
        "file_label",  # "MentorBot certificate", how the file's name begins
    }
)
"""The sentences a page prints: each already translated, with its values filled in."""

ARCHIVAL: tuple[Literal["a-3a", "ua-1"], ...] = ("a-3a", "ua-1")
"""PDF/A-3a, to be kept with its credential, and PDF/UA-1, to be read aloud."""

_one_at_a_time = threading.Lock()


class CertificateError(RuntimeError):
    """The page could not be set; the message says why."""


@dataclass(frozen=True)
class Signatory:
    """A person who signs: the name under the line and, below it, what they are."""

    name: str
    title: str


@dataclass(frozen=True)
class CertificatePage:
    """All that one certificate says. Raises CertificateError when a part is missing."""

    certificate_id: str
    programme_name: str
    organisation: str
    recipient_name: str
    role: str
    period_from: date
    period_to: date
    issued_on: date
    locale: str
    mentee_count: int
    signatories: tuple[Signatory, ...]
    wording: Mapping[str, str]
    credential: str = ""
    """What was signed, to be attached to the page."""
    fingerprint: str = ""
    """Its SHA-256, in hexadecimal digits."""
    verify_url: str = ""
    """Where anybody can check it."""

    def __post_init__(self) -> None:
        if not printable(self.recipient_name):
            raise CertificateError("recipient_name is blank")
        if self.period_to < self.period_from:
            raise CertificateError("period_to is before period_from")
        if missing := WORDING_KEYS - self.wording.keys():
            raise CertificateError(f"wording lacks {', '.join(sorted(missing))}")


def render(page: CertificatePage) -> bytes:
    """Set the page and return the PDF: the same page always gives the same bytes.

    Raises CertificateError with the compiler's message.
    """
    inputs = {"page": json.dumps(contents(page), sort_keys=True)}
    with _one_at_a_time:
        try:
            return _compile(inputs, archival=True)
        except typst.TypstError as unarchivable:
            # PDF/A forbids a letter that no font can draw. A certificate with one such box in it
            # is better than none, so it is then set as ordinary PDF.
            if "PDF/A" not in str(unarchivable):
                raise CertificateError(str(unarchivable)) from unarchivable
        try:
            return _compile(inputs, archival=False)
        except typst.TypstError as error:
            raise CertificateError(str(error)) from error


def file_name(page: CertificatePage) -> str:
    """A name for the file: `MentorBot certificate – Dr Zoë Okonkwo – 2026-12-20.pdf`."""
    parts = (page.wording["file_label"], page.recipient_name, page.issued_on.isoformat())
    return safe_file_name(parts, ".pdf")


def contents(page: CertificatePage) -> dict[str, object]:
    """What the template reads; text travels as JSON strings, so none of it is ever markup."""
    return {
        "certificate_id": printable(page.certificate_id),
        "programme_name": printable(page.programme_name),
        "organisation": printable(page.organisation),
        "recipient_name": printable(page.recipient_name),
        "issued_on": [page.issued_on.year, page.issued_on.month, page.issued_on.day],
        "language": page.locale.replace("_", "-").split("-")[0].lower(),
        "signatories": [
            {"name": printable(person.name), "title": printable(person.title)}
            for person in page.signatories
        ],
        "credential": page.credential,
        "fingerprint": in_groups(page.fingerprint),
        "verify_url": page.verify_url,
        "qr": _qr(page.verify_url) if page.verify_url else "",
        "wording": {key: printable(page.wording[key]) for key in WORDING_KEYS},
    }


def in_groups(fingerprint: str) -> str:
    """The first 64 bits of a credential's SHA-256, in groups that can be read aloud."""
    digits = fingerprint[:16].upper()
    return " ".join(digits[start : start + 4] for start in range(0, 16, 4))


def _qr(address: str) -> str:
    """An address as a QR code, in SVG; a quarter of it may be worn away.

    Of the eight masks, which all read alike, trying each for the evenest takes longer than a third
    of the whole page.
    """
    code = segno.make_qr(address, error="q", boost_error=False, mask=3)
    return str(code.svg_inline(border=0, dark="#22303c", omitsize=True))


@cache
def _compiler() -> typst.Compiler:
    """One compiler for the process: it keeps the fonts, and what did not change, between pages."""
    return typst.Compiler(
        str(HERE / "page.typ"),
        root=str(HERE),
        font_paths=[str(HERE / "fonts")],
        ignore_system_fonts=True,
    )


def _compile(inputs: dict[str, str], *, archival: bool) -> bytes:
    pdf = _compiler().compile(
        format="pdf",
        sys_inputs=inputs,
        pdf_standards=list(ARCHIVAL) if archival else [],
    )
    if not isinstance(pdf, bytes):
        raise CertificateError(f"expected one PDF file, not {type(pdf).__name__}")
    return pdf
