const { existsSync, readdirSync, statSync } = require('node:fs')
const path = require('node:path')

const sources = [
  'src-contract',
  'src-main',
  'src-preload',
  'src-renderer',
  'electron.vite.config.ts',
  'package-lock.json',
]

/** Whether `root` holds the sources, not only the built package. */
function isCheckout(root) {
  return existsSync(path.join(root, 'src-main'))
}

/** The file whose time says when the sources of the present `out/` were read. */
function stampFile(root) {
  return path.join(root, 'out', '.built')
}

function newestIn(file) {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (stat === undefined) return 0
  if (!stat.isDirectory()) return stat.mtimeMs
  let newest = stat.mtimeMs
  for (const entry of readdirSync(file, { withFileTypes: true })) {
    if (/\.test\.tsx?$/.test(entry.name)) continue
    newest = Math.max(newest, newestIn(path.join(file, entry.name)))
  }
  return newest
}

/** Whether a source (a deleted one too: its folder's time changes) is newer than the last whole build. */
function isStale(root) {
  const stamp = statSync(stampFile(root), { throwIfNoEntry: false })
  if (stamp === undefined) return true
  return sources.some((source) => newestIn(path.join(root, source)) > stamp.mtimeMs)
}

module.exports = { isCheckout, isStale, stampFile }
