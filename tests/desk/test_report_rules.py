"""What must not be missing in a report, and what its sheet says of it: pure rules, and the text of a real PDF."""

from __future__ import annotations

import json
import re
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from colloque.desk.report import Report, read
from colloque.desk.report_page import sheet
from colloque.wire.codec import WireError
from colloque.wire.profile import Profile

NOW = 1_790_000_000_000
ANNE = Profile("Dr Anne Payet", "Médecin généraliste", "99900000011")
FIELDS: dict[str, Any] = {
    "language": "fr",
    "zone": "Indian/Reunion",
    "patient": {"name": "Marie-Ève Œuvrard Hoarau", "born": "1948-03-01", "verified": True},
    "people": ["Dr Anne Payet", "Łukasz Çelik, interprète"],
    "began": NOW - 3_600_000,
    "ended": NOW - 1_800_000,
    "held": "video",
    "found": "Genou gonflé ; « ça va mieux ».\n#strong[x] $a$ \\ *b* @c <d> // e",
    "acts": {"none": False, "text": "Téléconsultation"},
    "prescriptions": {"none": False, "text": "Paracétamol 1 g, 3 fois par jour"},
    "incidents": {"none": True, "text": ""},
    "corrects": "ab" * 16,
}


def made(**other: Any) -> Report:
    found = read(FIELDS | other, b"\x01" * 16, ANNE, NOW)
    assert isinstance(found, Report), found
    return found


def text(report: Report) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(sheet(report))).pages).replace(
        "\xa0", " "
    )


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("language", "de", "language"),
        ("zone", "Mars/Base", "zone"),
        ("zone", "../../etc/passwd", "zone"),
        ("zone", "", "zone"),
        ("patient", None, "patient"),
        ("patient", FIELDS["patient"] | {"name": " "}, "patient"),
        ("patient", FIELDS["patient"] | {"name": "a\u202eb"}, "patient"),
        ("patient", FIELDS["patient"] | {"born": "1/3/1948"}, "born"),
        ("patient", FIELDS["patient"] | {"born": "2026-10-01"}, "born"),
        ("patient", FIELDS["patient"] | {"verified": "yes"}, "verified"),
        ("people", [], "people"),
        ("people", ["a"] * 21, "people"),
        ("people", ["a\nb"], "people"),
        ("began", NOW + 1, "began"),
        ("began", True, "began"),
        ("ended", NOW + 1, "ended"),
        ("ended", NOW - 3_600_001, "ended"),
        ("began", NOW - 86_400_000 * 3, "ended"),
        ("held", None, "held"),
        ("found", "", "found"),
        ("found", "x" * 8_001, "found"),
        ("found", "a\x00b", "found"),
        ("found", "a\ud800", "found"),
        ("acts", {"none": False, "text": ""}, "acts"),
        ("acts", {"none": True, "text": "something"}, "acts"),
        ("acts", {"text": ""}, "acts"),
        ("prescriptions", {}, "prescriptions"),
        ("incidents", None, "incidents"),
        ("corrects", "zz", "corrects"),
        ("corrects", 7, "corrects"),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_assumed(field: str, value: Any, told: str) -> None:
    found = read(FIELDS | {field: value}, b"\x01" * 16, ANNE, NOW)
    assert isinstance(found, tuple)
    assert told in found
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("field", sorted(set(FIELDS) - {"corrects"}))
def test_no_field_may_be_left_out(field: str) -> None:
    assert isinstance(read({k: v for k, v in FIELDS.items() if k != field}, b"\x01" * 16, ANNE, NOW), tuple)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["none", "text"]), inner),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), JSON))
def test_anything_gives_a_report_or_names(other: dict[str, Any]) -> None:
    found = read(FIELDS | other, b"\x01" * 16, ANNE, NOW)
    if isinstance(found, Report):
        again = read(json.loads(found.fields()), found.id, ANNE, NOW)
        assert again == found, "what is kept is read as it was"


def test_the_sheet_holds_every_field() -> None:
    """Also what would mean something to the layout: it is shown as it was written."""
    said = text(made())
    for words in (
        *("Compte rendu", "Dr Anne Payet", "Médecin généraliste", "RPPS 99900000011"),
        *("Marie-Ève Œuvrard Hoarau", "Date de naissance : 1er mars 1948", "Identité vérifiée"),
        *("Łukasz Çelik, interprète", "21 septembre 2026, 17:13 – 17:43", "Indian/Reunion", "Par vidéo"),
        *("Genou gonflé ; « ça va mieux ».", "#strong[x] $a$ \\ *b* @c <d> // e"),
        *("Téléconsultation", "Paracétamol 1 g, 3 fois par jour", "Corrige le compte rendu abababab"),
        *("Page 1 / 1", "n'est pas une « ordonnance numérique »"),
    ):
        assert words in said, words
    assert re.search(r"Incidents techniques\s+Aucun", said)


def test_none_is_said_and_sound_alone_is_marked() -> None:
    none = {"none": True, "text": ""}
    said = text(made(acts=none, prescriptions=none, held="sound", language="en", zone="Europe/Paris"))
    for heading in ("Acts", "Prescriptions", "Technical incidents"):
        assert re.search(rf"{heading}\s+None", said)
    assert "not reimbursed as a video act" in said
    assert "21 September 2026, 15:13 – 15:43" in said
    assert "ordonnance" not in said, "said only where something was prescribed"


def test_the_sheet_is_tagged_archivable_and_has_its_fonts() -> None:
    reader = PdfReader(BytesIO(sheet(made(found="Long. " * 1_300))))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "fr"
    assert len(reader.pages) > 1
    about = root["/Metadata"].get_data().decode()
    assert 'pdfaid:part="2"' in about or "<pdfaid:part>2</pdfaid:part>" in about
    assert "pdfuaid" in about
    pages: list[Any] = list(reader.pages)
    fonts = [font.get_object() for page in pages for font in page["/Resources"]["/Font"].values()]
    assert fonts
    for font in fonts:
        described = font["/DescendantFonts"][0]["/FontDescriptor"] if "/DescendantFonts" in font else font
        assert {"/FontFile2", "/FontFile3"} & set(described), "no font of the reader's machine is needed"


def test_names_in_other_letters() -> None:
    for name in ("Αλέξης Ιωάννου", "Иван Петров"):
        assert name in text(made(patient=FIELDS["patient"] | {"name": name}))
    sheet(made(patient=FIELDS["patient"] | {"name": "محمد علي"}))
    with pytest.raises(WireError, match="cannot be shown"):
        sheet(made(patient=FIELDS["patient"] | {"name": "李小龙"}))


def test_nothing_of_it_is_told_in_passing() -> None:
    shown = repr(made())
    assert not [one for one in ("Marie", "Genou", "Paracétamol", "Łukasz") if one in shown]
    assert made().born == date(1948, 3, 1)
