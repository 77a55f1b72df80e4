/**
 * `npm run dev`: the desktop with hot reload; where there is no Electron or no display, `baton serve`, which is built
 * and started again when a source changes (reload the page by hand).
 */
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { electronBinary, hasDisplay } from './electron-binary.ts'

const root = dirname(import.meta.dirname)
const sources = ['src-contract', 'src-main', 'src-preload', 'src-renderer']

const desktop = [join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js'), 'dev', '--watch']
const served = [
  ...sources.map((folder) => `--watch-path=${join(root, folder)}`),
  join(root, 'bin', 'baton.cjs'),
  'serve',
  ...process.argv.slice(2),
]

const child = spawn(process.execPath, electronBinary() !== null && hasDisplay() ? desktop : served, {
  cwd: root,
  stdio: 'inherit',
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
child.on('close', (code) => {
  process.exitCode = code ?? 1
})
