import type { Plugin } from 'vite'

const IMPORT = /^import \{([^}]*)\} from "node:http";$/gm

/**
 * Has the built program ask for Node's `http` as `require` gives it. Imported as a module, a name is made of each thing in
 * it, its WebSocket too, and that loads all of Node's fetch: a fifth of the work of a start (`npm run bench -- startup`).
 * The libraries import it as well, so it is done to what is built.
 */
export function builtinHttp(): Plugin {
  return {
    name: 'builtin-http',
    renderChunk: (code) => ({
      code: code.replaceAll(
        IMPORT,
        (_, names: string) => `const {${names.replaceAll(' as ', ': ')}} = process.getBuiltinModule("node:http");`,
      ),
      // Each line stays where it is.
      map: null,
    }),
  }
}
