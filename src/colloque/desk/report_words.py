"""The words of a report's sheet, and how its days and times are written, in French and in English."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

WORDS: Final[dict[str, dict[str, str]]] = {
    "fr": {
        "title": "Compte rendu",
        "patient": "Patient",
        "born": "Date de naissance :",
        "verified": "Identité vérifiée par le professionnel",
        "stated": "Identité déclarée, non vérifiée",
        "practitioner": "Professionnel",
        "present": "Personnes présentes",
        "when": "Date et heure",
        "zone": "Heures du fuseau",
        "how": "Forme",
        "video": "Par vidéo",
        "sound": "Par le son seul : ne se facture pas comme un acte en vidéo",
        "found": "Constaté et dit",
        "acts": "Actes",
        "prescriptions": "Prescriptions",
        "incidents": "Incidents techniques",
        "none": "Aucun",
        "copy": "Cette feuille recopie ce qui a été prescrit. Elle n'est pas une «\u00a0ordonnance numérique\u00a0».",
        "corrects": "Corrige le compte rendu {}",
        "foot": "Compte rendu {} · écrit le {}",
        "page": "Page",
    },
    "en": {
        "title": "Report",
        "patient": "Patient",
        "born": "Date of birth:",
        "verified": "Identity verified by the professional",
        "stated": "Identity as stated, not verified",
        "practitioner": "Professional",
        "present": "Who took part",
        "when": "Date and time",
        "zone": "Times in the zone",
        "how": "Form",
        "video": "By video",
        "sound": "By sound only: not reimbursed as a video act",
        "found": "What was found and said",
        "acts": "Acts",
        "prescriptions": "Prescriptions",
        "incidents": "Technical incidents",
        "none": "None",
        "copy": "This sheet is a copy of what was prescribed. It is not an “ordonnance numérique” (French digital prescription).",
        "corrects": "Corrects report {}",
        "foot": "Report {} · written {}",
        "page": "Page",
    },
}

_MONTHS: Final = {
    "fr": "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre",
    "en": "January|February|March|April|May|June|July|August|September|October|November|December",
}


def day_of(day: date, language: str) -> str:
    number = "1er" if language == "fr" and day.day == 1 else str(day.day)
    return f"{number} {_MONTHS[language].split('|')[day.month - 1]} {day.year}"


def moment_of(at: datetime, language: str) -> str:
    return f"{day_of(at.date(), language)}, {at:%H:%M}"
