"""The few sizes that the relay and both ends agree on, in bytes."""

ENVELOPE_BYTES = 16_384
CARD_BYTES = 8_192
CHUNK_SIZES = (65_536, 1_048_576, 4_194_304)
CAPABILITY_BYTES = 32
WRITERS_PER_BATCH = 32
