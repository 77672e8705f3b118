"""The patient's story in a real Firefox: a link, a name, words, a photograph, states, and coming back."""

from __future__ import annotations

import json
from pathlib import Path

from colloque.client.saving import save_document
from tests.scenarios.world import World, texts
from tests.support.absent import skip_or_fail
from tests.support.firefox import Firefox, firefox, why_absent
from tests.web.browser import PICTURES
from tests.web.browser import why_absent as page_absent
from tests.web.test_documents import PICTURE


def line(words: str, inside: str = "") -> str:
    """That exactly one line has these words, and within it something else."""
    return (
        f"(found => found.length === 1 && {inside or 'true'})([...document.querySelectorAll('.line')]"
        f".filter(one => one.textContent.includes({json.dumps(words)})))"
    )


READ = "/· (remis|lu)/.test(found[0].querySelector('.state').textContent)"


async def write(marie: Firefox, words: str) -> None:
    await marie.type("#words", words)
    await marie.click(".composer button[type=submit]")
    await marie.until("document.querySelector('#words').value === ''")


async def test_the_story_in_firefox(place: World, tmp_path: Path) -> None:
    skip_or_fail(why_absent() or page_absent())
    anne = await place.person("anne", "Dr Anne Payet")
    photo = tmp_path / "peau.png"
    photo.write_bytes(PICTURE)
    async with firefox(tmp_path / "profile") as marie:
        await marie.open((await anne.invite("Marie")).link)
        await marie.until("document.body.innerText.includes('Dr Anne Payet vous invite')")
        assert "#" not in await marie.run("location.href")
        await marie.type("#name", "Marie Hoarau")
        await marie.click("form button[type=submit]")
        await marie.until("document.querySelector('.talk') !== null")
        await write(marie, "Bonjour docteur")
        assert await texts(anne, 1) == ["Bonjour docteur"]
        [contact] = anne.contacts()
        assert contact.profile.name == "Marie Hoarau"
        await marie.until(line("Bonjour docteur", READ))
        await marie.choose("input[type=file]", photo)
        assert await texts(anne, 1) == [photo.name]
        entry = anne.home.messages.history(contact.conversation)[-1]
        assert entry.document is not None
        assert save_document(anne.home, entry, tmp_path).read_bytes() == PICTURE
        sent = await anne.send(contact.conversation, text="Bien reçu", files=[photo])
        for one in await anne.wait_for(sent, "read", 30):
            assert one.state == "read"
        await marie.until(line("Bien reçu"))
        for _ in range(2):
            await marie.reload()
            await marie.until(line("Bien reçu"))
            await marie.until(line("Bonjour docteur", READ))
        await marie.until("[...document.querySelectorAll('.line img')].some(one => one.naturalWidth > 0)")
        await write(marie, "Me revoilà")
        assert await texts(anne, 1) == ["Me revoilà"]
        if PICTURES is not None:
            await marie.picture(Path(PICTURES) / "firefox.png")
        assert not marie.problems
    # The same device, another day: what was kept is there, and goes on.
    async with firefox(tmp_path / "profile") as marie:
        await marie.open(f"{place.relay.url}/i")
        await marie.until(line("Me revoilà", READ))
        await write(marie, "Encore moi")
        assert await texts(anne, 1) == ["Encore moi"]
        assert len(anne.contacts()) == 1
        assert not marie.problems
