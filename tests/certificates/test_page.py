"""What a certificate promises: one page, every word on it, and nobody's text as code."""

import io
import re
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from pypdf import PdfReader

from mentorbot.certificates.page import (
    HERE,
    WORDING_KEYS,
    CertificateError,
    CertificatePage,
    Signatory,
    file_name,
    render,
)

ENGLISH = {
    "heading": "Certificate of Mentorship",
    "presented_to": "This certificate is presented to",
    "citation": "with gratitude for guiding two international medical graduates as a mentor",
    "period": "23 November – 20 December 2026",
    "issued": "Issued on 20 December 2026",
    "id_label": "Certificate no.",
    "role": "Mentor",
    "check_at": "Check it at",
    "fingerprint_label": "Fingerprint",
    "file_label": "MentorBot certificate",
}
FRENCH = {
    "heading": "Certificat de mentorat",
    "presented_to": "Ce certificat est décerné à",
    "citation": "en remerciement de l’accompagnement de deux médecins diplômés à l’étranger",
    "period": "du 23 novembre au 20 décembre 2026",
    "issued": "Délivré le 20 décembre 2026",
    "id_label": "Certificat n°",
    "role": "Mentor",
    "check_at": "À vérifier sous",
    "fingerprint_label": "Empreinte",
    "file_label": "Certificat MentorBot",
}
DR_OKONKWO = CertificatePage(
    certificate_id="7F3A-91QK-2M",
    programme_name="IMG Mentorship Programme",
    organisation="Hospital Doctors’ Network",
    recipient_name="Dr Zoë Okonkwo",
    role="mentor",
    period_from=date(2026, 11, 23),
    period_to=date(2026, 12, 20),
    issued_on=date(2026, 12, 20),
    locale="en",
    mentee_count=2,
    signatories=(
        Signatory("Prof. Amara Diallo", "Programme lead"),
        Signatory("Dr Łukasz Śliwiński", "Coordinator"),
    ),
    wording=ENGLISH,
)
OF_CREDENTIALS = {"check_at", "fingerprint_label"}
HOSTILE = {
    "function call": '#panic("no")',
    "maths": "$ x^2 $",
    "content block": "] #[*bold*]",
    "string end": '" + sys.version + "',
    "backslash": "\\u{41} \\",
    "slack mention": "<!channel> <@U012ABC>",
    "label and reference": "<label> @label",
    "raw and comment": "`raw` // comment /* more */",
    "json": '{"name": null}',
    "list and heading": "= Title - item + one",
}


def named(name: str) -> CertificatePage:
    return replace(DR_OKONKWO, recipient_name=name)


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def words_on(page: CertificatePage) -> str:
    reader = read(render(page))
    assert len(reader.pages) == 1
    return " ".join(reader.pages[0].extract_text().replace("\u200b", "").split())


def test_page_is_one_sheet_of_a4_on_its_side():
    reader = read(render(DR_OKONKWO))
    assert len(reader.pages) == 1
    sheet = reader.pages[0].mediabox
    assert (round(sheet.width), round(sheet.height)) == (842, 595)


def test_every_sentence_can_be_selected():
    words = words_on(DR_OKONKWO)
    printed = [ENGLISH[key] for key in WORDING_KEYS - {"file_label", "role", *OF_CREDENTIALS}]
    names = [person.name for person in DR_OKONKWO.signatories]
    titles = [person.title for person in DR_OKONKWO.signatories]
    about = [DR_OKONKWO.programme_name, DR_OKONKWO.organisation, DR_OKONKWO.certificate_id]
    for sentence in [*printed, *names, *titles, *about, "Dr Zoë Okonkwo", "2026"]:
        assert sentence in words
    assert "mentor" in words.casefold()


def test_french_reader_receives_a_french_page():
    page = replace(DR_OKONKWO, locale="fr", wording=FRENCH)
    assert FRENCH["presented_to"] in words_on(page)
    assert FRENCH["id_label"] in words_on(page)
    assert read(render(page)).trailer["/Root"]["/Lang"] == "fr"


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_text_of_people_is_never_code(text):
    page = replace(
        named(f"Zoë {text}"),
        programme_name=text,
        organisation=text,
        certificate_id=text,
        signatories=(Signatory(text, text),),
        wording={**ENGLISH, "citation": text, "heading": text},
    )
    assert words_on(page).count(" ".join(text.split())) >= 5


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\t", "\u2028", "\x00", "\x1b", "\ud800"])
def test_name_with_control_characters_stays_one_line(break_):
    words = words_on(named(f"Dr Zoë {break_} Okonkwo"))
    assert "Dr Zoë Okonkwo" in words


def test_direction_override_does_not_turn_the_name_round():
    assert "Dr Zoë Okonkwo" in words_on(named("\u202eDr Zoë\u202c \u2066Okonkwo\u2069"))


def test_emoji_in_a_slack_name_is_left_out():
    assert "to Dr Zoë Okonkwo with" in words_on(named("🌻 Dr Zoë 👩🏽‍⚕️ Okonkwo ✨"))


def test_name_that_is_only_emoji_still_gets_a_certificate():
    assert ENGLISH["citation"] in words_on(named("🌻🌻"))


@pytest.mark.parametrize(
    "name",
    ["W" * 400, "Dr Maria " * 44, "王" * 400, "डॉ" * 200, "i", "محمد " * 80],
    ids=["one word", "many words", "Chinese", "Devanagari", "one letter", "Arabic"],
)
def test_name_of_any_length_fits_on_one_page(name):
    assert ENGLISH["citation"] in words_on(named(name))


def test_very_long_name_is_printed_whole():
    name = " ".join(f"Maria{number}" for number in range(50))
    assert name in words_on(named(name))


def test_very_long_sentences_fit_on_one_page():
    endless = "with patience and care and " * 60
    page = replace(
        DR_OKONKWO,
        programme_name=endless,
        organisation=endless,
        signatories=(Signatory("Amara " * 60, "Lead " * 60),) * 4,
        wording=dict.fromkeys(WORDING_KEYS, endless),
    )
    assert len(read(render(page)).pages) == 1


@pytest.mark.parametrize("count", range(5))
def test_any_number_of_signatories_fits(count):
    people = tuple(Signatory(f"Signatory {number}", "Lead") for number in range(count))
    words = words_on(replace(DR_OKONKWO, signatories=people))
    assert all(person.name in words for person in people)
    assert words.count(ENGLISH["issued"]) == 1


@pytest.mark.parametrize(
    "name",
    [
        "Nguyễn Thị Ánh Tuyết",
        "Łukasz Śliwiński-Ağaoğlu",
        "Сергей Щербаков",
        "Ελένη Παπαδοπούλου",
        "محمد الخوارزمي",
        "گلناز پورچیان",
        "अनन्या श्रीनिवासन",
        "王小明",
        "陳鑫睿",
        "山田 花子",
        "김민수",
    ],
)
def test_name_in_its_own_script_is_drawn(name):
    pdf = render(named(name))
    assert b"pdfaid:conformance>A<" in pdf  # archival PDF refuses any letter without a glyph
    assert unicodedata.normalize("NFC", name) in read(pdf).metadata.title


def test_script_without_type_still_gets_a_certificate():
    pdf = render(named("สมชาย ใจดี"))
    assert b"pdfaid:conformance" not in pdf
    assert ENGLISH["citation"] in read(pdf).pages[0].extract_text().replace("\n", " ")


def test_same_page_gives_the_same_bytes():
    assert render(DR_OKONKWO) == render(
        replace(DR_OKONKWO, wording=dict(reversed(ENGLISH.items())))
    )


def test_different_names_give_different_bytes():
    assert render(DR_OKONKWO) != render(named("Dr Zoë Okonkwa"))


def test_pages_can_be_set_from_many_threads():
    with ThreadPoolExecutor(4) as threads:
        pages = list(threads.map(render, [named(f"Mentor {number}") for number in range(12)]))
    assert len(set(pages)) == 12


def test_metadata_says_what_who_and_when():
    about = read(render(DR_OKONKWO)).metadata
    assert about.title == "Certificate of Mentorship – Dr Zoë Okonkwo"
    assert about.author == "Hospital Doctors’ Network"
    assert about.creation_date.date() == date(2026, 12, 20)
    assert "7F3A-91QK-2M" in about["/Keywords"]


def test_page_is_tagged_for_screen_readers():
    root = read(render(DR_OKONKWO)).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"


def test_template_asks_for_exactly_the_documented_wording():
    template = (HERE / "page.typ").read_text(encoding="utf-8")
    assert set(re.findall(r"wording\.(\w+)", template)) == WORDING_KEYS - {"file_label"}


def test_missing_wording_is_refused_by_name():
    wording = {key: text for key, text in ENGLISH.items() if key != "citation"}
    with pytest.raises(CertificateError, match="citation"):
        replace(DR_OKONKWO, wording=wording)


@pytest.mark.parametrize("name", ["", "   ", "\n\x00"])
def test_blank_name_is_refused(name):
    with pytest.raises(CertificateError, match="recipient_name"):
        named(name)


def test_period_that_ends_before_it_begins_is_refused():
    with pytest.raises(CertificateError, match="period_to"):
        replace(DR_OKONKWO, period_to=date(2026, 1, 1))


def test_failure_of_the_compiler_is_told():
    with pytest.raises(CertificateError, match="language"):
        render(replace(DR_OKONKWO, locale="not a language"))


def test_file_is_named_after_the_person_and_the_day():
    assert file_name(DR_OKONKWO) == "MentorBot certificate – Dr Zoë Okonkwo – 2026-12-20.pdf"


@pytest.mark.parametrize("name", ['../../etc/"x"', "a\\b|c:d*e?<f>", "x\ny\x00z", "\u202efdp.exe"])
def test_file_name_is_safe_for_file_systems(name):
    told = file_name(named(name))
    assert not re.search(r'[\\/:*?"<>|\x00-\x1f\u202e]', told)
    assert told.startswith("MentorBot certificate – ")
    assert told.endswith(" – 2026-12-20.pdf")


@pytest.mark.parametrize("name", ["W" * 400, "王" * 400, "🌻" * 400])
def test_file_name_of_a_long_name_is_short_enough(name):
    told = file_name(named(name))
    assert len(told.encode()) <= 200
    assert told.endswith(" – 2026-12-20.pdf")


def test_programme_that_is_its_own_organisation_is_named_once():
    ours = replace(DR_OKONKWO, organisation="")
    assert DR_OKONKWO.organisation in words_on(DR_OKONKWO)
    assert DR_OKONKWO.organisation not in words_on(ours)
    assert read(render(ours)).metadata.author == ours.programme_name
