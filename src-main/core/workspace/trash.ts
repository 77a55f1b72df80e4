import { err, ok, type Result } from '#contract/result.ts'

/** Moves a file or folder to the system's trash, from where a person can take it back (E10). Loads the library at first use. */
export async function moveToTrash(path: string): Promise<Result<void, string>> {
  try {
    const { default: trash } = await import('trash')
    await trash(path, { glob: false })
    return ok(undefined)
  } catch (cause) {
    return err(cause instanceof Error ? cause.message : String(cause))
  }
}
