/** Whatever is typed, pasted or chosen can be written on the wire, and what others wrote can be shown (`spec/wire.md` W1, W30). */

import assert from "node:assert/strict";
import { test } from "node:test";

import { fileTitle, wellFormed } from "../src/patient/given.ts";
import { shownName } from "../src/ui/shown.ts";
import { Writer, utf8 } from "../src/wire/codec.ts";
import { NAME_BYTES } from "../src/wire/content/document.ts";

const writes = (text: string): void => void new Writer().text(text, 65_536);

test("half a sign and NUL do not stop what comes after them", () => {
  const typed = "a\ud83d b\0c 👶";
  assert.throws(() => writes(typed));
  assert.equal(wellFormed(typed), "a\ufffd bc 👶");
  writes(wellFormed(typed));
});

test("a long name is cut between two signs, wherever its limit falls", () => {
  for (const start of ["", "a", "ab", "abc"]) {
    const title = fileTitle(start + "👶".repeat(NAME_BYTES));
    assert.ok(utf8(title).length <= NAME_BYTES && utf8(title).length > NAME_BYTES - 4);
    assert.ok(title.endsWith("👶"));
    writes(title);
  }
  assert.equal(fileTitle(" \0 "), "document");
  assert.equal(fileTitle("compte rendu.pdf"), "compte rendu.pdf");
});

test("a name that turns its line around is shown with a mark", () => {
  assert.equal(shownName("facture\u202efdp.exe"), "facture\ufffdfdp.exe");
  assert.equal(shownName("a\nb\u200bc"), "a\ufffdb\ufffdc");
  assert.equal(shownName("Écho du 3 mai – genou.pdf"), "Écho du 3 mai – genou.pdf");
});
