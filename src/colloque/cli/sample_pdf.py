"""A real, small-worded PDF of a given size, for the demo and the tests."""

from __future__ import annotations

import hashlib


def sample_pdf(size: int, words: str) -> bytes:
    """One page with `words`, and an attached stream that fills it up to `size` bytes. Readers open it."""
    text = words.replace("\\", "").replace("(", "").replace(")", "").encode("latin-1", "replace")
    page = b"BT /F1 14 Tf 72 740 Td (" + text + b") Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length " + str(len(page)).encode() + b" >>\nstream\n" + page + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    overhead = len(_assemble([*objects, _stream(b"")])) + len(str(size))
    filling = bytearray()
    while len(filling) < max(0, size - overhead):
        filling += hashlib.sha256(len(filling).to_bytes(8, "big") + text).digest()
    return _assemble([*objects, _stream(bytes(filling[: max(0, size - overhead)]))])


def _stream(data: bytes) -> bytes:
    return b"<< /Length " + str(len(data)).encode() + b" >>\nstream\n" + data + b"\nendstream"


def _assemble(objects: list[bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += str(number).encode() + b" 0 obj\n" + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 " + str(len(objects) + 1).encode() + b"\n0000000000 65535 f \n"
    for place in places:
        out += b"%010d 00000 n \n" % place
    out += b"trailer\n<< /Size " + str(len(objects) + 1).encode() + b" /Root 1 0 R >>\n"
    return bytes(out + b"startxref\n" + str(start).encode() + b"\n%%EOF\n")
