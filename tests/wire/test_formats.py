"""Every format comes back as it was, and refuses what is not it (`spec/wire.md` W1, W4)."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colloque.client.saving import safe_name
from colloque.wire import envelope, xwing
from colloque.wire.address import QueueAddress, QueueOffer, check_origin
from colloque.wire.card import Card, Lasting
from colloque.wire.codec import Reader, WireError, Writer
from colloque.wire.content.call.agree import Agree
from colloque.wire.content.call.answer import CallAnswer
from colloque.wire.content.call.bound import Bound
from colloque.wire.content.call.candidates import Candidates
from colloque.wire.content.call.hang_up import HangUp, Why
from colloque.wire.content.call.offer import CallOffer
from colloque.wire.content.call.presence import Presence, There
from colloque.wire.content.call.restart import Restart
from colloque.wire.content.call.ring import Ring
from colloque.wire.content.call.word import Word
from colloque.wire.content.content import Content
from colloque.wire.content.document import Document
from colloque.wire.content.receipt import Outcome, Receipt, Retraction
from colloque.wire.content.roster import Entry, Roster
from colloque.wire.content.text import Text
from colloque.wire.content.wishes import Ask, Offer, Stated, Wish, WishKind
from colloque.wire.envelope import Kind, Part
from colloque.wire.hello import Hello
from colloque.wire.invitation import Invitation
from colloque.wire.links import Link, LinkKind
from colloque.wire.profile import Profile, check_rpps
from colloque.wire.returning import Return
from colloque.wire.sealed_card import open_card, seal_card
from colloque.wire.signing import Forged, public_key, safety_number
from colloque.wire.sizes import CARD_BYTES, ENVELOPE_BYTES
from fuzz.run import run

R = os.urandom
RELAY = "https://relay.example"
PROFILE = Profile("Dr Anne Payet", "médecin", "99900000011")
OFFER = QueueOffer(RELAY, R(32), (R(32), R(32)))
ADDRESS = OFFER.address(0)
names = st.text(st.characters(categories=("L", "N", "Zs")), min_size=1, max_size=40).filter(
    lambda t: bool(t.strip()) and t.isprintable()
)
ids = st.binary(min_size=16, max_size=16)
keys = st.binary(min_size=32, max_size=32)
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=300)
uints = st.integers(0, 2**40)
bounds = st.builds(Bound, ids, keys, uints, st.integers(0, 65_535))
calls = st.one_of(
    st.builds(
        Ring,
        ids,
        st.lists(keys, unique=True, min_size=2, max_size=4).map(tuple),
        st.booleans(),
        st.text("+0123456789 ", max_size=40),
    ),
    st.builds(Agree, ids, keys, st.integers(1, 2**40), uints, st.integers(0, 7)),
    st.builds(CallOffer, bounds, uints, keys, texts),
    st.builds(CallAnswer, bounds, keys, texts),
    st.builds(
        Candidates,
        bounds,
        st.lists(st.tuples(st.integers(0, 255), texts.map(lambda t: t[:100])), min_size=1, max_size=32).map(
            tuple
        ),
    ),
    st.builds(Restart, bounds),
    st.builds(Presence, st.sampled_from(There)),
    st.builds(Word, st.booleans(), st.integers(0, 65_535), texts.map(lambda t: t[:100])),
    st.builds(HangUp, ids, st.sampled_from(Why)),
)
bodies = st.one_of(
    calls,
    st.builds(Text, texts),
    st.builds(
        Receipt, st.lists(st.tuples(ids, st.sampled_from(Outcome)), max_size=9).map(tuple), st.integers(0, 99)
    ),
    st.builds(Retraction, ids),
    st.builds(Wish, st.sampled_from(WishKind), st.binary(max_size=50)),
    st.builds(Ask, ids, names, st.integers(0, 9), st.just("https://relay.example"), st.binary(max_size=64)),
    st.builds(Offer, ids, st.integers(0, 9), st.just(OFFER), st.binary(max_size=50)),
    st.builds(Stated, st.builds(Profile, names)),
    st.builds(
        Document,
        names,
        st.just("application/pdf"),
        st.integers(0, 2 << 30),
        keys,
        st.just(RELAY),
        st.sampled_from((65_536, 1_048_576)),
        keys,
        st.sampled_from((b"", bytes(32))),
    ),
    st.builds(
        Roster,
        st.integers(0, 9),
        names,
        keys,
        st.just(b""),
        keys,
        st.lists(keys, unique=True, max_size=4).map(
            lambda ks: tuple(Entry(k, PROFILE, ADDRESS, n) for n, k in enumerate(ks))
        ),
    ),
)


@given(
    st.builds(Content, ids, st.integers(0, 1 << 40), st.integers(0, 1 << 40), bodies),
    st.binary(min_size=1, max_size=4),
)
def test_content_comes_back(content: Content, more: bytes) -> None:
    """`spec/wire.md` W25."""
    data = content.encode()
    assert Content.decode(data) == content
    with pytest.raises(WireError):
        Content.decode(data + more)
    with pytest.raises(WireError):
        Content.decode(data[:-1])


@given(st.binary(min_size=1, max_size=60_000), st.sampled_from(Kind))
@settings(max_examples=30)
def test_messages_of_any_length_in_envelopes_of_one(message: bytes, kind: Kind) -> None:
    """`spec/wire.md` W7, W8, W9."""
    key = R(32)
    parts = envelope.split(kind, R(16), message)
    sealed = [envelope.seal(key, part, R) for part in parts]
    assert {len(e) for e in sealed} == {ENVELOPE_BYTES}
    opened = tuple(envelope.open_envelope(key, e) for e in reversed(sealed))
    assert envelope.join(opened) == message
    with pytest.raises(WireError):
        envelope.open_envelope(R(32), sealed[0])
    if len(parts) > 1:
        with pytest.raises(WireError):
            envelope.join(opened[1:])


def test_two_copies_of_one_message_share_no_sixteen_bytes() -> None:
    part = Part(Kind.MLS, R(16), 0, 1, b"the same message" * 900)
    one, other = (envelope.seal(R(32), part, R) for _ in range(2))
    seen = {one[at : at + 16] for at in range(len(one) - 15)}
    assert not any(other[at : at + 16] in seen for at in range(len(other) - 15))


def test_parts_are_bounded() -> None:
    with pytest.raises(WireError):
        envelope.split(Kind.MLS, R(16), bytes(envelope.PARTS * envelope.PART_BYTES + 1))
    with pytest.raises(WireError):
        envelope.split(Kind.MLS, R(16), b"")
    plain = bytearray(Part(Kind.MLS, R(16), 0, 1, b"x").encode())
    plain[-1] = 1
    with pytest.raises(WireError):
        Part.decode(bytes(plain))


@given(keys, keys, st.sampled_from(LinkKind), st.sampled_from((RELAY, "http://127.0.0.1:8440")))
def test_links_come_back_and_show_damage(secret: bytes, pin: bytes, kind: LinkKind, relay: str) -> None:
    """`spec/wire.md` W20."""
    link = Link(kind, RELAY, relay, secret, pin)
    text = link.encode()
    assert Link.decode(f"  {text}\n") == link
    assert secret.hex() not in repr(link)
    for bad in (
        text[:-4],
        text.replace("#", ""),
        text.replace("/c#", "/i#").replace("/i#", "/x#"),
        text + "AAAA",
        "",
    ):
        with pytest.raises(WireError):
            Link.decode(bad)


def test_hello_is_for_one_reader_and_one_link() -> None:
    """`spec/wire.md` W16, W17, W18, W19."""
    seed, hpke, secret, pin, reader = R(32), R(32), R(32), R(32), R(32)
    hello = Hello(reader, pin, public_key(seed), R(16), 7, PROFILE, OFFER, b"package", "bonjour")
    assert Hello.decode(hello.encode()) == hello
    sealed = hello.seal(seed, secret, xwing.public_key(hpke))
    right = {"hpke_seed": hpke, "secret": secret, "recipient": reader, "pin": pin}
    assert Hello.unseal(sealed, **right) == hello
    for wrong in ("hpke_seed", "secret", "recipient", "pin"):
        with pytest.raises(WireError):
            Hello.unseal(sealed, **(right | {wrong: R(32)}))
    with pytest.raises(Forged):
        Hello.unseal(sealed[:-1] + bytes([sealed[-1] ^ 1]), **right)
    resealed = hello.seal(R(32), secret, xwing.public_key(hpke))
    with pytest.raises(Forged):
        Hello.unseal(resealed, **right)


@given(st.binary(max_size=300), st.binary(max_size=40), st.integers(0, 1 << 16))
@settings(max_examples=25, deadline=None)
def test_what_is_sealed_to_a_key_opens_by_its_seed_for_its_use(plain: bytes, info: bytes, at: int) -> None:
    """`spec/wire.md` W6: bound to its use by `info`; single-shot, so that two of the same share nothing."""
    seed = R(32)
    public = xwing.public_key(seed)
    assert len(public) == xwing.PUBLIC_BYTES == 1_216
    sealed, other = xwing.seal(public, plain, info), xwing.seal(public, plain, info)
    assert sealed != other
    assert xwing.unseal(seed, sealed, info) == xwing.unseal(seed, other, info) == plain
    place = at % len(sealed)
    changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
    for wrong in (
        (R(32), sealed, info),
        (seed, sealed, info + b"x"),
        (seed, changed, info),
        (seed, b"", info),
    ):
        with pytest.raises(Forged):
            xwing.unseal(*wrong)
    with pytest.raises(Forged):
        xwing.seal(bytes(1_000), plain, info)


@given(st.lists(keys, max_size=70), st.booleans())
def test_offers_have_some_capabilities_none_of_them_twice(writers: list[bytes], twice: bool) -> None:
    """`spec/wire.md` W11"""
    if twice and writers:
        writers.append(writers[0])
    offer = QueueOffer(RELAY, R(32), tuple(writers))
    if 1 <= len(writers) <= 64 and len(set(writers)) == len(writers):
        assert QueueOffer.read_from(Reader(offer.write_to(Writer()).done())) == offer
        assert not any(w.hex() in repr(offer) for w in writers)
    else:
        with pytest.raises(WireError):
            QueueOffer.read_from(Reader(offer.write_to(Writer()).done()))


@given(names, names | st.just(""), st.from_regex(r"[0-9]{10}", fullmatch=True), st.integers(1, 9))
def test_profiles_come_back_and_an_rpps_number_has_its_key(
    name: str, job: str, number: str, off: int
) -> None:
    """`spec/wire.md` W12: one last digit of ten is right, and any one digit changed is seen."""
    right = [d for d in "0123456789" if _is_rpps(number + d)]
    assert len(right) == 1
    whole = number + right[0]
    profile = Profile(name, job, whole)
    assert Profile.read_from(Reader(profile.write_to(Writer()).done())) == profile
    for place, digit in enumerate(whole):
        assert not _is_rpps(whole[:place] + str((int(digit) + off) % 10) + whole[place + 1 :])


def _is_rpps(number: str) -> bool:
    try:
        return check_rpps(number) == number
    except WireError:
        return False


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\u202eb", "x" * 201, "é" * 101])
def test_names_that_are_none(name: str) -> None:
    """`spec/wire.md` W12"""
    with pytest.raises(WireError):
        Profile(name).write_to(Writer())


def test_cards_are_pinned_signed_and_dated() -> None:
    """`spec/wire.md` W13, W14, W15."""
    seed, now = R(32), 1_800_000_000
    lasting = Lasting(public_key(seed), ADDRESS, R(16))
    card = Card(lasting, 1, now + 86_400, PROFILE, xwing.public_key(R(32))).sign(seed)
    assert Card.decode(card.encode()) == card
    card.check(lasting.pin, now)
    with pytest.raises(WireError, match="out of date"):
        card.check(lasting.pin, now + 90_000)
    with pytest.raises(WireError, match="longer"):
        replace(card, not_after=now + 40 * 86_400).sign(seed).check(lasting.pin, now)
    with pytest.raises(Forged):
        card.check(R(32), now)
    with pytest.raises(Forged):
        replace(card, profile=Profile("Somebody else")).check(lasting.pin, now)
    invitation = Invitation(public_key(seed), PROFILE, ADDRESS, xwing.public_key(R(32)), R(32), now, R(16))
    assert Invitation.decode(invitation.encode()) == invitation
    invitation.check(invitation.pin, now)
    with pytest.raises(WireError, match="expired"):
        invitation.check(invitation.pin, now + 1)
    with pytest.raises(Forged):
        replace(invitation, grant=R(32)).check(invitation.pin, now)
    key = R(32)
    sealed = seal_card(key, card.encode(), R)
    assert len(sealed) == CARD_BYTES
    assert open_card(key, sealed) == card.encode()
    with pytest.raises(Forged):
        open_card(R(32), sealed)


def test_returns_want_both_the_key_and_the_secret() -> None:
    seed, recovery = R(32), R(32)
    body = Return(R(16), public_key(seed), R(32), 2, 9, 4, b"package")
    sealed = body.seal(seed, recovery)
    right = {"sender": body.sender, "reader": body.reader, "recovery": recovery}
    assert Return.open(sealed, **right) == body
    for wrong in right:
        with pytest.raises(WireError):
            Return.open(sealed, **(right | {wrong: R(32)}))


@pytest.mark.parametrize("number", ["99900000011", "99900000029", "99912345677"])
def test_rpps_numbers_that_are_valid(number: str) -> None:
    assert check_rpps(number) == number


@pytest.mark.parametrize("number", ["99900000012", "9990000001", "", "9990000001a", "999000000111"])
def test_rpps_numbers_that_are_not(number: str) -> None:
    with pytest.raises(WireError):
        check_rpps(number)


def test_safety_numbers_are_the_same_at_both_ends() -> None:
    one, other = R(32), R(32)
    assert safety_number(one, other) == safety_number(other, one) != safety_number(one, R(32))
    assert [len(group) for group in safety_number(one, other).split()] == [5] * 12


@pytest.mark.parametrize(
    "origin",
    ["ftp://x", "https://x/", "https://u@x", "https://", "x", "https://x?y", "https://x:99999", " https://x"],
)
def test_addresses_that_are_no_origin(origin: str) -> None:
    with pytest.raises(WireError):
        check_origin(origin)


def test_addresses_come_back() -> None:
    assert QueueAddress.decode(ADDRESS.encode()) == ADDRESS
    out = OFFER.write_to(Writer()).done()
    assert QueueOffer.read_from(Reader(out)) == OFFER
    assert ADDRESS.write.hex() not in repr(ADDRESS)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\Windows\\x.exe", "C__Windows_x.exe"),
        ("con.txt", "document_con.txt"),
        ("", "document"),
        ("...", "document"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("compte rendu.pdf", "compte rendu.pdf"),
        ("a\0b\n.pdf", "ab.pdf"),
        ("é" * 300 + ".pdf", "é" * 98 + ".pdf"),
    ],
)
def test_names_that_arrive_are_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text(max_size=300))
def test_any_name_is_made_safe(name: str) -> None:
    made = safe_name(name)
    assert made
    assert len(made.encode()) <= 200
    assert not set(made) & set('/\\:*?"<>|\0\n\r')
    assert made not in (".", "..")
    assert safe_name(made) == made


def test_ten_thousand_random_inputs_give_values_or_documented_errors() -> None:
    assert run(10_000, None, 7) >= 10_000
