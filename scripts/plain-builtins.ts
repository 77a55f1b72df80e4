import type { Plugin } from 'vite'

const IMPORT = /^import (?:([\w$]+),? )?(?:\{([^}]*)\} )?from "(node:[\w/]+)";$/gm

/** The same as a declaration; `whole` is what the module itself is called, `names` what of it is wanted. */
function asked(_: string, whole: string | undefined, names: string | undefined, module: string): string {
  const given = `process.getBuiltinModule("${module}")`
  const parts = [
    ...(whole === undefined ? [] : [`${whole} = ${given}`]),
    ...(names === undefined ? [] : [`{${names.replaceAll(' as ', ': ')}} = ${given}`]),
  ]
  return `const ${parts.join(', ')};`
}

/**
 * Has the built program ask for Node's own modules as `require` gives them. Imported, a name is made of each thing in them:
 * the WebSocket of `http` loads all of Node's fetch, a fifth of the work of a start (`npm run bench -- startup`), `process`
 * opens stdin, and each of the other twenty takes its part of a millisecond. The libraries import them as well, so it is done
 * to what is built.
 */
export function plainBuiltins(): Plugin {
  return {
    name: 'plain-builtins',
    renderChunk: (code) => ({
      code: code.replaceAll(IMPORT, asked),
      // Each line stays where it is.
      map: null,
    }),
  }
}
