/** Ends this very process at once, as a power cut would, when it comes by a failpoint that was named at start. */
export type Failpoint<Name extends string = FailpointName> = (name: Name) => void

/** Every place at which a test may kill the process. */
export const FAILPOINTS = [
  // These four lie inside a transaction.
  'after-reserve',
  'after-settle',
  'after-lease-granted',
  'after-lease-ended',
  'after-sent',
  'after-model-reply',
  'after-model-done',
  'after-tool-prepare',
  'after-temporary-file',
  'after-rename',
  'after-tool-effect',
  'after-tool-done',
  'before-turn-commit',
  'after-turn-commit',
  'after-plan-approved',
  'after-change-kept',
  'before-checkpoint',
  'after-checkpoint',
  'after-child-spawned',
  'after-child-recorded',
  'after-child-begun',
] as const
export type FailpointName = (typeof FAILPOINTS)[number]

/** Places in a restore, which is no part of a job and so has tests of its own. */
export const RESTORE_FAILPOINTS = [
  'restore-copied',
  'restore-prepared',
  'restore-planned',
  'restore-aside',
  'restore-in',
  'restore-swapped',
] as const
export type RestoreFailpoint = Failpoint<(typeof RESTORE_FAILPOINTS)[number]>

/** Places in the import of a project, which is no part of a job either. */
export const IMPORT_FAILPOINTS = [
  'import-received',
  'import-unpacked',
  'import-blobs-kept',
  // Inside the transaction.
  'import-rows-written',
  'import-committed',
  'import-history-placed',
  'import-placed',
] as const
export type ImportFailpoint = Failpoint<(typeof IMPORT_FAILPOINTS)[number]>

/** Takes `name`, or `name:3` to let the process pass twice and end it at the third time. */
export function createFailpoint<Name extends string = FailpointName>(names: readonly string[]): Failpoint<Name> {
  if (names.length === 0) return () => undefined
  const left = new Map<string, number>(
    names.map((text) => text.split(':')).map(([name = '', times = '1']) => [name, Number(times)]),
  )
  return (name) => {
    const times = left.get(name)
    if (times === undefined) return
    left.set(name, times - 1)
    if (times <= 1) process.kill(process.pid, 'SIGKILL')
  }
}
