import { globSync } from 'node:fs'
import { join } from 'node:path'
import { importedBy, type Modules } from './window-chunks.ts'

const COMMANDS = 'src-main/headless/cli'

/** What `baton serve` runs before its first answer: itself, and what it imports on the way. */
const SERVE = [
  `${COMMANDS}/serve.ts`,
  `${COMMANDS}/serve-ui.ts`,
  'src-main/core/create-core.ts',
  'src-main/core/secret/keytar-keychain.ts',
  'src-main/core/secret/vault.ts',
  'src-main/core/secret/keychain-or-vault.ts',
]
/** Commands that look into a data folder themselves. */
const UPKEEP = [`${COMMANDS}/doctor.ts`, `${COMMANDS}/doctor-database.ts`, `${COMMANDS}/restore.ts`]

/**
 * Names the chunk of each module that `baton serve` starts with by who else needs it: every command, those that attach to a
 * living core, those that look into a data folder, and worker threads. So nobody loads what is not theirs. Left to the
 * bundler these are seventy files, as each command shares some of them, and finding, reading and linking a file takes longer
 * than running it. `root`: the checkout.
 */
export function mainChunks(root: string): (id: string, modules: Modules) => string | null {
  const behind = (files: readonly string[], modules: Modules): ReadonlySet<string> =>
    importedBy(
      files.map((file) => join(root, file)),
      modules,
    )
  const sources = (pattern: string): string[] =>
    globSync(pattern, { cwd: root }).filter((file) => !file.endsWith('.test.ts'))
  let known: ReadonlyMap<string, ReadonlySet<string>> | undefined
  return (id, modules) => {
    known ??= new Map([
      ['serve', behind(SERVE, modules)],
      ['program', behind(['src-main/headless/main.ts'], modules)],
      [
        'attach',
        behind(
          [
            'src-main/headless/attached-client.ts',
            ...sources(`${COMMANDS}/*.ts`).filter((file) => !SERVE.includes(file) && !UPKEEP.includes(file)),
          ],
          modules,
        ),
      ],
      ['upkeep', behind(UPKEEP, modules)],
      ['worker', behind(sources('src-main/**/*-worker.ts'), modules)],
    ])
    if (!known.get('serve')?.has(id)) return null
    return [...known].flatMap(([name, needed]) => (needed.has(id) ? [name] : [])).join('-')
  }
}
