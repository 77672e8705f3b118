"""A relay where only some have a token: whoever they write with needs none (`spec/sessions.md` S2, `spec/relay.md` R20)."""

from __future__ import annotations

import os
from pathlib import Path

from colloque.client.client import Client
from colloque.relay.core import Options
from colloque.store.relay import grants
from colloque.wire.profile import Profile
from tests.scenarios.world import PASSPHRASE, texts, until, world


async def test_guests_without_a_token_write_in_two_and_in_several(tmp_path: Path) -> None:
    async with world(tmp_path, Options(creation="grant")) as here:
        token = os.urandom(24).hex().encode()
        await here.relay.core.database.run(grants.issue(token, 50, 1 << 40))
        home = tmp_path / "anne"
        profile = Profile("Dr Anne")
        await Client.create(home, relay=here.relay.url, profile=profile, passphrase=PASSPHRASE, token=token)
        anne, bruno, chloe = await here.open(home), await here.person("bruno"), await here.person("chloe")
        await here.pair(anne, bruno, "Bruno")
        await here.pair(anne, chloe, "Chloé")

        (tmp_path / "image.bin").write_bytes(os.urandom(90_000))
        await bruno.send("anne", text="From a guest.", files=[tmp_path / "image.bin"])
        assert await texts(anne, 2) == ["From a guest.", "image.bin"]

        team = anne.convene("Team", ["Bruno", "Chloé"])
        for client in (bruno, chloe):
            await until(client, lambda client=client: len(client.gatherings()) == 1)
            await until(
                client,
                lambda client=client: len(client.home.talks.load(team).conversation.peers) == 2,
            )
        await chloe.send(team, text="To all.", files=[tmp_path / "image.bin"])
        for client in (anne, bruno):
            assert await texts(client, 2) == ["To all.", "image.bin"]


async def test_a_guest_cannot_invite_and_is_told(tmp_path: Path) -> None:
    async with world(tmp_path, Options(creation="grant")) as here:
        bruno = await here.person("bruno")
        invited = await bruno.invite("Denis", timeout=3)
        assert not invited.ready
        assert "token" in bruno.home.refusal
