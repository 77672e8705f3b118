/** The few sizes that the relay and both ends agree on, in bytes (`spec/relay.md` R1). */

export const ENVELOPE_BYTES = 16_384;
export const CARD_BYTES = 8_192;
export const CHUNK_SIZES = [65_536, 1_048_576, 4_194_304] as const;
export const CAPABILITY_BYTES = 32;
export const HASH_BYTES = 32;
export const GRANT_BYTES = 64;
export const WRITERS_PER_BATCH = 32;
export const FRAME_BYTES = ENVELOPE_BYTES + 256;
export const SIGNATURE_BYTES = 64;
export const SIGNATURE_KEY_BYTES = 32;
export const XWING_PUBLIC_BYTES = 1_216;
export const CONVERSATION_BYTES = 16;
export const KEY_PACKAGE_BYTES = 8_192;
