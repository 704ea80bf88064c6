"""Certificates signed and set per second, against Typst alone setting the same page.

Both keep a warm compiler with the same fonts, and take turns. Each page has a name and a number of
its own, for Typst remembers what it has set before. Then many are made one after another, and the
resident memory at the end is compared with that after the first tenth.
"""

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from hashlib import sha256

import typst

from benchmarks.measure import PAGE_BYTES, publish, verdict
from mentorbot.certificates import credential, page, signing, status_list
from mentorbot.certificates.credential import Issuer
from mentorbot.certificates.page import CertificatePage, Signatory
from mentorbot.domain.issuing import Statement

MOST_TIMES, MOST_GROWTH = 1.3, 1.1
ISSUER = Issuer("T0BENCHMRK", "https://mentorbot.example.org")
FIRST, LAST, AT = date(2026, 11, 23), date(2026, 12, 20), datetime(2026, 12, 20, 10, tzinfo=UTC)
WORDING = {
    "heading": "Certificate of Mentorship",
    "presented_to": "This certificate is presented to",
    "citation": "in recognition of the time, care and experience given as a mentor to a colleague",
    "period": "23 November 2026 to 20 December 2026",
    "issued": "Issued on 20 December 2026",
    "id_label": "Certificate",
    "role": "Mentor",
    "check_at": "Check it at",
    "fingerprint_label": "Fingerprint",
    "file_label": "MentorBot certificate",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Let both take turns, then make many."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100, help="pages of each, in turns")
    parser.add_argument("--bulk", type=int, default=10_000, help="how many in a row")
    given = parser.parse_args(arguments)
    pair = signing.new_pair()
    bare = _compiler()
    for number in range(2):
        _bare(bare, _prepared(_signed(pair, f"warm {number}")))
        page.render(_signed(pair, f"warm too {number}"))
    ours, theirs = _in_turns(pair, bare, given.rounds)
    ratio = statistics.median(ours) / statistics.median(theirs)
    per_second, growth, megabytes = _bulk(pair, given.bulk)
    is_met = ratio <= MOST_TIMES and growth <= MOST_GROWTH
    publish(
        "certificates",
        {
            "rounds": given.rounds,
            "bulk": given.bulk,
            "signed_ms": statistics.median(ours) * 1000,
            "bare_ms": statistics.median(theirs) * 1000,
            "per_second": per_second,
            "rss_mb": megabytes,
            "memory_growth": growth,
            "ratio": ratio,
        },
        f"ratio {ratio:.2f} of Typst's own time ({per_second:.1f} a second over {given.bulk:,};"
        f" memory at the end {growth:.2f} of that after a tenth, {megabytes:.0f} MB); targets at"
        f" most {MOST_TIMES} and {MOST_GROWTH}: {verdict(is_met)}",
    )


def _in_turns(
    pair: tuple[str, str], bare: typst.Compiler, rounds: int
) -> tuple[list[float], list[float]]:
    ours: list[float] = []
    theirs: list[float] = []
    for number in range(rounds):
        inputs = _prepared(_signed(pair, f"B {number}"))
        turns = [(ours, lambda n=number: page.render(_signed(pair, f"A {n}")))]
        turns.append((theirs, lambda given=inputs: _bare(bare, given)))
        for times, run in turns if number % 2 == 0 else reversed(turns):
            begun = time.perf_counter()
            run()
            times.append(time.perf_counter() - begun)
    return ours, theirs


def _bulk(pair: tuple[str, str], how_many: int) -> tuple[float, float, float]:
    """How many a second, how much larger the process is than after the first tenth, and its MB."""
    early = _resident_mb()
    begun = time.perf_counter()
    for number in range(how_many):
        page.render(_signed(pair, f"C {number}"))
        if number == how_many // 10:
            early = _resident_mb()
    took = time.perf_counter() - begun
    return how_many / took, _resident_mb() / early, _resident_mb()


def _signed(pair: tuple[str, str], name: str) -> CertificatePage:
    """A page with all that makes it a certificate: what is said, signed, and its address."""
    number = sha256(name.encode()).hexdigest()[:26]
    said = Statement(
        number=number,
        programme_name="IMG Mentorship Programme",
        organisation="Hospital Doctors’ Network",
        recipient_name=f"Dr Zoë Okonkwo {name}",
        heading=WORDING["heading"],
        citation=WORDING["citation"],
        role=WORDING["role"],
        period_from=FIRST,
        period_to=LAST,
        issued_at=AT,
    )
    entry = status_list.entry(ISSUER, 7)
    payload = credential.credential(said, ISSUER, pair[0], entry)
    token = signing.sign(payload, pair[1], ISSUER.kid(pair[0]))
    return CertificatePage(
        certificate_id=number,
        programme_name=said.programme_name,
        organisation=said.organisation,
        recipient_name=said.recipient_name,
        role="mentor",
        period_from=FIRST,
        period_to=LAST,
        issued_on=LAST,
        locale="en",
        mentee_count=1,
        signatories=(Signatory("Prof. Amara Diallo", "Programme lead"),),
        wording=WORDING,
        credential=token,
        fingerprint=sha256(token.encode()).hexdigest(),
        verify_url=ISSUER.certificate_url(number),
    )


def _prepared(shown: CertificatePage) -> str:
    return json.dumps(page.contents(shown), sort_keys=True)


def _compiler() -> typst.Compiler:
    return typst.Compiler(
        str(page.HERE / "page.typ"),
        root=str(page.HERE),
        font_paths=[str(page.HERE / "fonts")],
        ignore_system_fonts=True,
    )


def _bare(compiler: typst.Compiler, inputs: str) -> None:
    compiler.compile(format="pdf", sys_inputs={"page": inputs}, pdf_standards=list(page.ARCHIVAL))


def _resident_mb() -> float:
    with open("/proc/self/statm", encoding="ascii") as told:
        return int(told.read().split()[1]) * PAGE_BYTES / 1e6


if __name__ == "__main__":
    main()
