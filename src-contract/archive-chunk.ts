/** A piece of an archive, in bytes before base64. Small enough for every carrier. */
export const ARCHIVE_CHUNK_BYTES = 4_000_000
