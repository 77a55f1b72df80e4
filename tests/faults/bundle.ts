import { globSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
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
  // Core's worker threads are looked for beside it.
  const workers = globSync('src-main/**/*-worker.ts', { cwd: root }).map((file) => [
    basename(file, '.ts'),
    join(root, file),
  ])
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true, external: ['@node-rs/argon2', 'better-sqlite3', 'keytar', 'trash'] },
    build: {
      ssr: true,
      outDir: folder,
      emptyOutDir: false,
      minify: false,
      target: 'node24',
      rolldownOptions: {
        input: { [name]: join(import.meta.dirname, `${name}.ts`), ...Object.fromEntries(workers) },
        output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  })
  return { file: join(folder, `${name}.js`), remove: () => rmSync(folder, { recursive: true, force: true }) }
}
