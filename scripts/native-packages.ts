/**
 * Packages that carry machine code or files of their own next to their code, or load such by name. They are not bundled, and
 * in a packaged application they lie outside of its archive, where the system can load them.
 */
export const NATIVE_PACKAGES = ['@node-rs/argon2', 'better-sqlite3', 'keytar', 'sqlite-vec', 'trash']
