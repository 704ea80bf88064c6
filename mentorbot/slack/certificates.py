"""The certificate in the mentor's DM."""

from mentorbot.certificates.page import WORDING_KEYS, CertificatePage, Signatory, file_name
from mentorbot.certificates.page import render as render_page
from mentorbot.domain.messages import MessageKind
from mentorbot.domain.model import Certificate
from mentorbot.slack import blocks
from mentorbot.slack.rendering import Attachment, Reading, Rendered, renders
from mentorbot.storage import certificates, participants, people
from mentorbot.wording import Markup, full_date


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
    holder = participants.participant(reading.tx, held.participant_id)
    person = people.person(reading.tx, holder.slack_user_id) if holder else None
    issued_on = held.issued_at.astimezone(reading.file.zone).date()
    locale = reading.locale
    organisation = reading.file.certificate.organisation
    values = {
        "programme": Markup(reading.file.name),
        "organisation": Markup(organisation),
        "count": held.mentee_count,
        "from_on": full_date(held.period_from_on, locale),
        "to_on": full_date(held.period_to_on, locale),
        "issued_on": full_date(issued_on, locale),
    }
    return CertificatePage(
        certificate_id=held.certificate_id,
        programme_name=reading.file.name,
        organisation="" if organisation == reading.file.name else organisation,
        recipient_name=person.name if person else reading.message.recipients[0],
        role="mentor",
        period_from=held.period_from_on,
        period_to=held.period_to_on,
        issued_on=issued_on,
        locale=locale,
        mentee_count=held.mentee_count,
        signatories=tuple(Signatory(s.name, s.title) for s in reading.file.certificate.signatories),
        wording={key: reading.say(f"certificate.page.{key}", **values) for key in WORDING_KEYS},
    )
