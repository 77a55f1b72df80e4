import { loadOnce } from '../load-once.ts'

/**
 * Passwords by argon2id, at 19 MiB, 2 passes and 1 lane: OWASP's first choice, and the library's default. It works on
 * the thread pool, so the loop goes on; the library is loaded with the first login.
 */
const load = () => import('@node-rs/argon2')

/**
 * Hashes that are made at once. The thread pool has four places, and files and databases need some of them: whoever floods
 * the login makes others who log in wait, and nobody else.
 */
const AT_ONCE = 2
let free = AT_ONCE
const queue: (() => void)[] = []

/** Does `work` when one of the places is free, in the order of asking. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (free === 0) await new Promise<void>((resolve) => queue.push(resolve))
  else free--
  try {
    return await work()
  } finally {
    const next = queue.shift()
    if (next === undefined) free++
    else next()
  }
}

/** The text to keep of a password, with salt and parameters in it. */
export async function hashPassword(password: string): Promise<string> {
  const { hash } = await load()
  return inTurn(() => hash(password.normalize('NFC')))
}

const decoy = loadOnce(() => hashPassword('nobody has this password'))

/** Whether `password` is the one of `hash`. Takes as long where there is no such user (null), so that time tells nothing. */
export async function isPassword(password: string, hash: string | null): Promise<boolean> {
  const [{ verify }, ofNobody] = await Promise.all([load(), decoy()])
  const matches = await inTurn(() => verify(hash ?? ofNobody, password.normalize('NFC')))
  return matches && hash !== null
}
