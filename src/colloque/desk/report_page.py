"""A report as a sheet: A4, tagged, archivable (PDF/A-2a, PDF/UA-1), made in memory, with fonts that come with the program.

What people wrote reaches the layout as data, never as markup.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from colloque.desk.report import Report, Stated
from colloque.desk.report_words import WORDS, day_of, moment_of
from colloque.wire.codec import WireError

_STANDARDS: Final = ("a-2a", "ua-1")


def sheet(report: Report) -> bytes:
    """The PDF; raises `WireError` where a character is in it that no font here shows: a record has no gaps."""
    # Thirty megabytes, for whoever writes reports.
    import typst

    inputs = {"sheet": json.dumps(_filled(report), ensure_ascii=False)}
    compiler = typst.Compiler(
        _LAYOUT.encode(), ignore_system_fonts=True, sys_inputs=inputs, font_paths=typst.Fonts(False, True)
    )
    made_at = datetime.fromtimestamp(report.made_at // 1000, UTC)
    try:
        made = compiler.compile(format="pdf", pdf_standards=list(_STANDARDS), timestamp=made_at)
    except typst.TypstError:
        # What it says would repeat what is written.
        raise WireError(
            "a character in the report cannot be shown on the sheet: write it in another way"
        ) from None
    assert isinstance(made, bytes)
    return made


def _filled(report: Report) -> dict[str, object]:
    """Every word of the sheet, in its order."""
    words, zone = WORDS[report.language], ZoneInfo(report.zone)
    began, ended = (datetime.fromtimestamp(at / 1000, zone) for at in (report.began, report.ended))
    made = datetime.fromtimestamp(report.made_at / 1000, zone)
    who = report.writer
    identity = words["verified" if report.verified else "stated"]

    def stated(one: Stated) -> str:
        return one.text or words["none"]

    who_is_it = f"{report.patient}\n{words['born']} {day_of(report.born, report.language)}\n{identity}"
    span = f"{moment_of(began, report.language)} – {_until(began, ended, report.language)}"
    parts = [
        [words["patient"], who_is_it],
        [words["practitioner"], _header(report)],
        [words["present"], "\n".join(report.people)],
        [words["when"], f"{span}\n{words['zone']} {report.zone}"],
        [words["how"], words[report.held]],
        [words["found"], report.found],
        [words["acts"], stated(report.acts)],
        [words["prescriptions"], stated(report.prescriptions)],
        [words["incidents"], stated(report.incidents)],
    ]
    return {
        "lang": report.language,
        "title": words["title"],
        "name": who.name,
        "about": " · ".join(each for each in (who.profession, who.rpps and f"RPPS {who.rpps}") if each),
        "corrects": words["corrects"].format(report.corrects.hex()[:8]) if report.corrects else "",
        "parts": parts,
        "copy": words["copy"] if report.prescriptions.text else "",
        "foot": words["foot"].format(report.id.hex()[:8], moment_of(made, report.language)),
        "page": words["page"],
    }


def _header(report: Report) -> str:
    who = report.writer
    return "\n".join(each for each in (who.name, who.profession, who.rpps and f"RPPS {who.rpps}") if each)


def _until(began: datetime, ended: datetime, language: str) -> str:
    return f"{ended:%H:%M}" if began.date() == ended.date() else moment_of(ended, language)


_LAYOUT: Final = """
#let sheet = json(bytes(sys.inputs.sheet))
#let lines(words) = words.split("\\n").map(line => text(line)).join(linebreak())
#set document(title: sheet.title, author: sheet.name)
#set text(font: "Libertinus Serif", size: 11pt, lang: sheet.lang)
#set par(leading: 0.7em, spacing: 1em)
#set page(
  paper: "a4",
  margin: (x: 2.4cm, top: 2.2cm, bottom: 2.6cm),
  footer: context [
    #set text(size: 9pt, fill: luma(80))
    #grid(columns: (1fr, auto), text(sheet.foot),
      [#text(sheet.page) #counter(page).display() / #counter(page).final().first()])
  ],
)
#show heading.where(level: 1): set text(size: 18pt)
#show heading.where(level: 2): it => block(above: 1.6em, below: 0.6em, sticky: true,
  text(size: 11pt, fill: rgb("#1f5a66"), it.body))
#text(size: 13pt, weight: "bold", sheet.name)
#if sheet.about != "" [#linebreak() #text(fill: luma(60), sheet.about)]
#line(length: 100%, stroke: 0.6pt + rgb("#1f5a66"))
#heading(level: 1, text(sheet.title))
#if sheet.corrects != "" { par(strong(text(sheet.corrects))) }
#for part in sheet.parts {
  heading(level: 2, text(part.at(0)))
  par(lines(part.at(1)))
}
#if sheet.copy != "" { block(above: 2em, inset: (left: 0.8em), stroke: (left: 2pt + luma(120)), text(sheet.copy)) }
"""
