"""An old telephone: WebCrypto knows neither Ed25519 nor X25519, and the processor is six times as slow. The same story."""

from __future__ import annotations

import time
from pathlib import Path

from playwright.async_api import Browser, expect

from tests.scenarios.world import World, texts
from tests.web.browser import Patient
from tests.web.test_documents import PICTURE, attach, came

REFUSING = """
  const refused = ["Ed25519", "X25519"];
  globalThis.asked = [];
  for (const name of ["generateKey", "importKey", "sign", "verify", "deriveBits", "deriveKey"]) {
    const before = crypto.subtle[name].bind(crypto.subtle);
    crypto.subtle[name] = (...given) => {
      const named = given.map((one) => (typeof one === "string" ? one : one?.name)).find((one) => refused.includes(one));
      if (named === undefined) return before(...given);
      globalThis.asked.push(named);
      return Promise.reject(new DOMException("Unrecognized name.", "NotSupportedError"));
    };
  }
"""


async def test_without_ed25519_and_x25519(place: World, browser: Browser) -> None:
    anne = await place.person("anne", "Dr Anne Payet")
    marie = await (await Patient.new(browser, script=REFUSING)).open((await anne.invite("Marie")).link)
    await marie.accept()
    await marie.write("D'un vieux téléphone")
    assert await texts(anne, 1) == ["D'un vieux téléphone"]
    [contact] = anne.contacts()
    await anne.send(contact.conversation, text="Bien reçu")
    await marie.sees("Bien reçu")
    await marie.sees("D'un vieux téléphone", "remis|lu")
    assert "Ed25519" in await marie.page.evaluate("asked"), "the browser's own was asked for, and refused"
    assert not marie.problems


async def test_six_times_as_slow(place: World, browser: Browser, tmp_path: Path) -> None:
    """A link, a name, words, a photograph, states, and coming back."""
    anne = await place.person("anne", "Dr Anne Payet")
    photo = tmp_path / "peau.png"
    photo.write_bytes(PICTURE)
    marie = await Patient.new(browser, script=REFUSING)
    line = await marie.context.new_cdp_session(marie.page)
    await line.send("Emulation.setCPUThrottlingRate", {"rate": 6})
    began = time.monotonic()
    await marie.open((await anne.invite("Marie")).link)
    await marie.accept()
    print(f"from the link to the conversation: {time.monotonic() - began:.1f} s")
    await marie.write("D'un vieux téléphone")
    assert await texts(anne, 1) == ["D'un vieux téléphone"]
    await marie.sees("D'un vieux téléphone", "remis|lu")
    await attach(marie, photo)
    (tmp_path / "in").mkdir()
    assert await came(anne, photo.name, tmp_path / "in") == PICTURE
    [contact] = anne.contacts()
    sent = await anne.send(contact.conversation, text="Bien reçu", files=[photo])
    for entry in await anne.wait_for(sent, "read", 60):
        assert entry.state == "read"
    await marie.page.reload()
    await marie.sees("Bien reçu")
    await marie.sees("D'un vieux téléphone", "remis|lu")
    await expect(marie.page.locator(".line img")).to_have_count(2)
    await marie.write("Me revoilà")
    assert await texts(anne, 1) == ["Me revoilà"]
    assert len(anne.contacts()) == 1
    assert not marie.problems


async def test_a_question_left_open_holds_nothing_up(place: World, browser: Browser) -> None:
    """Firefox asks the person whether the page's data may stay; nobody has to answer."""
    asked = "globalThis.asked = 0; StorageManager.prototype.persist = () => (asked++, new Promise(() => {}));"
    anne = await place.person("anne", "Dr Anne Payet")
    marie = await (await Patient.new(browser, script=asked)).open((await anne.invite("Marie")).link)
    await marie.accept()
    assert await marie.page.evaluate("asked") == 1
