const { spawnSync } = require('node:child_process')
const { existsSync } = require('node:fs')
const { enableCompileCache } = require('node:module')
const path = require('node:path')
const { pathToFileURL } = require('node:url')
const { isCheckout, isStale } = require('./build-state.cjs')

const root = path.dirname(__dirname)
const cli = path.join(root, 'out', 'main', 'cli.js')

/** The build runs TypeScript: it uses the Node that the checkout brings, whichever runs this file. */
function nodeOfCheckout() {
  const own = path.join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  return existsSync(own) ? own : process.execPath
}

if (isCheckout(root) && process.env.BATON_SKIP_BUILD !== '1' && isStale(root)) {
  const build = spawnSync(nodeOfCheckout(), [path.join(root, 'scripts', 'build.ts'), '--if-stale'], {
    // stdout belongs to the command's own output.
    stdio: ['ignore', 2, 2],
  })
  if (build.status !== 0) {
    process.stderr.write(
      'Baton could not be built from this checkout; the reason stands above. Mend it, then run again.\n',
    )
    process.exit(1)
  }
}
if (!existsSync(cli)) {
  process.stderr.write(
    `Baton's program ${cli} is missing, so nothing can run. Run "npm run build" or reinstall the package.\n`,
  )
  process.exit(1)
}
// Compiled code is kept from start to start, which saves a good part of it; in the package's own folder, since what lies in
// a shared temporary folder could be somebody else's. Where that folder cannot be written, nothing is kept.
enableCompileCache?.(path.join(root, 'node_modules', '.cache', 'baton-compiled'))
import(pathToFileURL(cli).href).catch((fault) => {
  process.stderr.write(`Baton could not start: ${fault?.stack ?? fault}\n`)
  process.exit(1)
})
