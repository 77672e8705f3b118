"""Points that give no secret: refused by whoever encapsulates and whoever opens (RFC 9180 7.1.4, RFC 7748 6)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from colloque.mls import errors
from colloque.mls.crypto.suite import Suite, suite

P25519, P448 = 2**255 - 19, 2**448 - 2**224 - 1
ORDER_8 = (
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
)
FIELDS = {2: 2**256 - 2**224 + 2**192 + 2**96 - 1, 7: 2**384 - 2**128 - 2**96 + 2**32 - 1, 5: 2**521 - 1}


def _small_order(number: int) -> Iterator[bytes]:
    """All points of small order, in each way that 32 or 56 bytes can say them."""
    if number in (4, 6):
        yield from (n.to_bytes(56, "little") for n in (0, 1, P448 - 1, P448, P448 + 1))
        return
    numbers = [
        0,
        1,
        P25519 - 1,
        P25519,
        P25519 + 1,
        *(int.from_bytes(bytes.fromhex(h), "little") for h in ORDER_8),
    ]
    for value in numbers:
        yield value.to_bytes(32, "little")
        yield (value | 1 << 255).to_bytes(32, "little")


def _off_the_curve(number: int, good: bytes) -> Iterator[bytes]:
    """Infinity, a point that is not on the curve, the origin, coordinates that are no elements of the field, other forms."""
    size = (len(good) - 1) // 2
    x, y = good[1 : 1 + size], good[1 + size :]
    wide = (int.from_bytes(x, "big") + FIELDS[number]).to_bytes(size + 1, "big")[-size:]
    yield from (b"", b"\x00", bytes(len(good)), b"\x04" + bytes(2 * size), good[:-1] + bytes([good[-1] ^ 1]))
    yield b"\x04" + FIELDS[number].to_bytes(size, "big") + y
    yield b"\x04" + b"\xff" * size + y
    yield b"\x04" + x + b"\xff" * size
    if int.from_bytes(x, "big") + FIELDS[number] < 1 << 8 * size:
        yield b"\x04" + wide + y
    yield bytes([2 + y[-1] % 2]) + x
    yield b"\x06" + x + y


def _refused(kind: Suite, private: bytes, public: bytes, bad_key: bytes, bad_output: bytes) -> None:
    with pytest.raises(errors.InvalidPublicKey):
        kind.kem.encapsulate(bad_key)
    with pytest.raises(errors.InvalidPublicKey):
        kind.encrypt_with_label(bad_key, "l", b"c", b"p")
    with pytest.raises(errors.InvalidPublicKey):
        kind.send_export(bad_key, "l")
    with pytest.raises(errors.DecryptionFailed):
        kind.kem.decapsulate(private, bad_output)
    with pytest.raises(errors.DecryptionFailed):
        kind.decrypt_with_label(private, "l", b"c", bad_output, bytes(32))
    with pytest.raises(errors.DecryptionFailed):
        kind.receive_export(private, bad_output, "l")


@pytest.mark.parametrize("number", [1, 3, 4, 6, 83])
def test_points_of_small_order(number: int) -> None:
    """X25519, X448, and the X25519 half of X-Wing, whose other half is right."""
    kind = suite(number)
    private, public = kind.derive_key_pair(b"k" * 64)
    output = kind.kem.encapsulate(public)[1]
    assert kind.kem.decapsulate(private, output)
    for point in _small_order(number):
        size = len(point)
        _refused(kind, private, public, public[:-size] + point, output[:-size] + point)


@pytest.mark.parametrize("number", [2, 5, 7])
def test_points_off_the_curve(number: int) -> None:
    kind = suite(number)
    private, public = kind.derive_key_pair(b"k" * 64)
    output = kind.kem.encapsulate(public)[1]
    assert kind.kem.decapsulate(private, output)
    for key, sent in zip(_off_the_curve(number, public), _off_the_curve(number, output), strict=True):
        _refused(kind, private, public, key, sent)


def test_points_of_another_curve() -> None:
    private, public = suite(2).derive_key_pair(b"k" * 64)
    other = suite(7).derive_key_pair(b"k" * 64)[1]
    _refused(suite(2), private, public, other, other)
    with pytest.raises(ValueError):
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), other)
