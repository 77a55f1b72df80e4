/**
 * Passwords by argon2id, at 19 MiB, 2 passes and 1 lane: OWASP's first choice, and the library's default. It works on
 * the thread pool, so the loop goes on; the library is loaded with the first login.
 */
const load = () => import('@node-rs/argon2')

/** The text to keep of a password, with salt and parameters in it. */
export async function hashPassword(password: string): Promise<string> {
  return (await load()).hash(password.normalize('NFC'))
}

let decoy: Promise<string> | undefined

/** Whether `password` is the one of `hash`. Takes as long where there is no such user (null), so that time tells nothing. */
export async function isPassword(password: string, hash: string | null): Promise<boolean> {
  decoy ??= hashPassword('nobody has this password')
  const matches = await (await load()).verify(hash ?? (await decoy), password.normalize('NFC'))
  return matches && hash !== null
}
