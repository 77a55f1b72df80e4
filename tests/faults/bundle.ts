import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'

const root = join(import.meta.dirname, '..', '..')

export interface Bundle {
  /** The built file; run it with Node. */
  readonly file: string
  remove(): void
}

/**
 * Builds a program of this folder into one file, as core is built for its hosts: a start costs a fifth of what it costs
 * from some hundred sources, and what somebody edits meanwhile does not change a test in its middle.
 */
export async function bundle(name: string): Promise<Bundle> {
  // Below the package, because that is where core looks for its resources.
  const cache = join(root, 'node_modules', '.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'baton-faults-'))
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true, external: ['better-sqlite3', 'keytar'] },
    build: {
      ssr: join(import.meta.dirname, `${name}.ts`),
      outDir: folder,
      emptyOutDir: false,
      minify: false,
      target: 'node24',
      rolldownOptions: { output: { entryFileNames: `${name}.mjs` } },
    },
  })
  return { file: join(folder, `${name}.mjs`), remove: () => rmSync(folder, { recursive: true, force: true }) }
}
