"""A browser whose WebCrypto knows neither Ed25519 nor X25519: the same story, by other means."""

from __future__ import annotations

from playwright.async_api import Browser

from tests.scenarios.world import World, texts
from tests.web.browser import Patient

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
