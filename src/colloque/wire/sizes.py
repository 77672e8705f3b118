"""The few sizes that the relay and both ends agree on, in bytes (`spec/relay.md` R1)."""

from typing import Final

ENVELOPE_BYTES: Final = 16_384
CARD_BYTES: Final = 8_192
CHUNK_SIZES: Final = (65_536, 1_048_576, 4_194_304)
CAPABILITY_BYTES: Final = 32
HASH_BYTES: Final = 32
GRANT_BYTES: Final = 64
WRITERS_PER_BATCH: Final = 32
FRAME_BYTES: Final = ENVELOPE_BYTES + 256
