import { err, ok, type Result } from '#contract/result.ts'

/** Moves a file or folder to the system's trash, from where a person can take it back (E10). Loads the library at first use. */
export async function moveToTrash(path: string): Promise<Result<void, string>> {
  try {
    const { default: trash } = await import('trash')
    await trash(path, { glob: false })
    return ok(undefined)
  } catch (cause) {
    return err(reasonOf(cause))
  }
}

/** Without the path, which the system's own words hold: who asks need not know where the data folder lies. */
function reasonOf(cause: unknown): string {
  const { code, message } = cause instanceof Error ? (cause as NodeJS.ErrnoException) : { message: String(cause) }
  return code === undefined ? message : `The system says ${code}.`
}
