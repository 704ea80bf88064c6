"""The certificate in the mentor's DM."""

from collections.abc import Sequence

from mentorbot.certificates.page import CertificatePage, Signatory, file_name
from mentorbot.certificates.page import render as render_page
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Certificate
from mentorbot.slack import blocks
from mentorbot.slack.rendering import Attachment, Reading, Rendered, renders
from mentorbot.storage import certificates
from mentorbot.usecases import issuing
from mentorbot.usecases.earning import Lack
from mentorbot.wording import Markup, listed, say


@renders(MessageKind.CERTIFICATE)
def _certificate(reading: Reading) -> Rendered:
    held = certificates.certificate(reading.tx, reading.message.params["certificate_id"])
    if held is None:
        raise LookupError("the certificate is gone")
    page = certificate_page(reading, held)
    text = reading.say("certificate.message", programme=reading.file.name)
    attachment = Attachment(file_name(page), page.wording["heading"], render_page(page))
    return Rendered(text, [blocks.section(text)], attachment)


def certificate_page(reading: Reading, held: Certificate) -> CertificatePage:
    """The page of a certificate, in its reader's language."""
    tx, file = reading.tx, reading.file
    said = issuing.statement(tx, held)
    organisation = said.organisation if said else file.certificate.organisation
    programme_name = said.programme_name if said else file.name
    wording: dict[str, str] = dict(issuing.words(held, file, reading.locale))
    if said is not None:
        wording |= {"heading": said.heading, "citation": said.citation, "role": said.role}
    is_public = bool(tx.public_url and held.credential)
    return CertificatePage(
        certificate_id=held.certificate_id,
        programme_name=programme_name,
        organisation="" if organisation == programme_name else organisation,
        recipient_name=said.recipient_name if said else reading.message.recipients[0],
        role="mentor",
        period_from=held.period_from_on,
        period_to=held.period_to_on,
        issued_on=held.issued_at.astimezone(file.zone).date(),
        locale=reading.locale,
        mentee_count=held.mentee_count,
        signatories=tuple(Signatory(s.name, s.title) for s in file.certificate.signatories),
        wording=wording,
        credential=held.credential or "",
        fingerprint=held.fingerprint or "",
        verify_url=issuing.issuer(tx).certificate_url(held.certificate_id) if is_public else "",
    )


def certificate_needs(lacks: Sequence[Lack], locale: str) -> Markup | None:
    """What a mentor has still to do for a certificate, in a sentence; None for nothing."""
    if not lacks:
        return None
    every = [
        say(f"certificate.needs.{it.what}", locale, done=it.done, needed=it.needed) for it in lacks
    ]
    return say("certificate.needs.also", locale, what=listed(every, locale))
