import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

import { contractRoutes } from './scripts/contract-routes.ts'
import { mainChunks } from './scripts/main-chunks.ts'
import { NATIVE_PACKAGES } from './scripts/native-packages.ts'
import { plainBuiltins } from './scripts/plain-builtins.ts'
import { windowChunks } from './scripts/window-chunks.ts'

/**
 * Worker threads are entries of their own: `x-worker.ts` is built to `out/main/x-worker.js`, so that
 * `new URL('./x-worker.js', import.meta.url)` finds it from every chunk.
 */
const workers = Object.fromEntries(
  globSync('src-main/**/*-worker.ts', { cwd: import.meta.dirname }).map((file) => [basename(file, '.ts'), file]),
)

export default defineConfig({
  main: {
    plugins: [plainBuiltins()],
    build: {
      // The bundle starts five times faster than 500 files from node_modules.
      externalizeDeps: false,
      sourcemap: true,
      rolldownOptions: {
        input: { desktop: 'src-main/desktop/main.ts', cli: 'src-main/headless/main.ts', ...workers },
        external: NATIVE_PACKAGES,
        output: {
          format: 'es',
          // Flat: the folder of `import.meta.url` is the same for entries and chunks.
          entryFileNames: '[name].js',
          chunkFileNames: '[name]-[hash].js',
          codeSplitting: { groups: [{ name: mainChunks(import.meta.dirname) }], includeDependenciesRecursively: false },
          // Read and kept in memory at every start, and by nobody in there.
          comments: { legal: true, annotation: false, jsdoc: false },
        },
      },
    },
  },
  preload: {
    build: {
      externalizeDeps: false,
      rolldownOptions: {
        input: { preload: 'src-preload/preload.ts' },
        // A sandboxed preload cannot be an ES module.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src-renderer',
    // The page is served from app:// and from any path of `baton serve`.
    base: './',
    plugins: [react(), tailwindcss(), contractRoutes()],
    build: {
      // electron-vite leaves pages as they are; this one also goes through tunnels, and is parsed at every start.
      minify: true,
      // Says what the first page loads (tests/conformance/page-weight.test.ts).
      manifest: true,
      // The page about the port is one of its own, so that the window does not load it.
      rolldownOptions: {
        input: { index: 'src-renderer/index.html', 'api-docs': 'src-renderer/api-docs.html' },
        output: {
          codeSplitting: {
            groups: [{ name: windowChunks(join(import.meta.dirname, 'src-renderer')), debugName: 'window' }],
          },
        },
      },
    },
  },
})
