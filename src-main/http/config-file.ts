import { readFileSync } from 'node:fs'
import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml'
import { err, ok, type Result } from '#contract/result.ts'
import { type ConfigFile, configFile } from './config-schema.ts'

/** A variable of the environment, or nothing. */
export type ReadVariable = (name: string) => string | undefined

type Path = readonly PropertyKey[]

/** Where a key or an item begins, or the nearest thing around it; undefined for the whole file. */
function offsetOf(document: Document, path: Path): number | undefined {
  for (let depth = path.length; depth > 0; depth--) {
    const around = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true)
    const last = path[depth - 1]
    if (isMap(around)) {
      const pair = around.items.find(({ key }) => isScalar(key) && key.value === last)
      if (pair !== undefined && isScalar(pair.key)) return pair.key.range?.[0]
    }
    if (isSeq(around) && typeof last === 'number') {
      const item = around.items[last]
      if (isNode(item)) return item.range?.[0]
    }
  }
  return undefined
}

/** A plain `${PORT}` is what YAML would make of its value; a quoted one is a text. */
function typed(text: string): string | number | boolean {
  if (/^-?\d{1,15}(\.\d{1,15})?$/.test(text)) return Number(text)
  return text === 'true' || text === 'false' ? text === 'true' : text
}

/** Puts variables in the place of `${NAME}` in values; `$${` is a `${` as it stands. Answers names that are not set, by where. */
function fillIn(document: Document, variable: ReadVariable): { name: string; offset: number | undefined }[] {
  const missing: { name: string; offset: number | undefined }[] = []
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string' || !node.value.includes('${')) return
      const filled = node.value.replace(/\$\$\{|\$\{([A-Za-z_]\w*)\}/g, (whole, name: string | undefined) => {
        if (name === undefined) return whole.slice(1)
        const value = variable(name)
        if (value === undefined || value === '') missing.push({ name, offset: node.range?.[0] })
        return value ?? ''
      })
      node.value = node.type === 'PLAIN' ? typed(filled) : filled
    },
  })
  return missing
}

/**
 * What a configuration file says, with `${VAR}` filled in. The error names each wrong key and its line, and repeats no value:
 * one may be a secret.
 */
export function parseConfigFile(text: string, path: string, variable: ReadVariable): Result<ConfigFile, string> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const at = (offset: number | undefined): string =>
    offset === undefined ? '' : `line ${lines.linePos(offset).line}: `
  const refuse = (faults: readonly string[]): Result<never, string> =>
    err(
      `The configuration file ${path} has ${faults.length === 1 ? 'a fault' : 'faults'}: ${faults.join('; ')}. Correct it and start Baton again.`,
    )
  if (document.errors.length > 0) {
    return refuse(document.errors.map(({ pos, code }) => `${at(pos[0])}this is no YAML (${code})`))
  }
  const missing = fillIn(document, variable)
  if (missing.length > 0)
    return refuse(missing.map(({ name, offset }) => `${at(offset)}the variable ${name} is not set`))
  const parsed = configFile.safeParse(document.toJS({ maxAliasCount: 100 }) ?? {}, { jitless: true })
  if (parsed.success) return ok(parsed.data)
  return refuse(
    parsed.error.issues.flatMap((issue) => {
      if (issue.code !== 'unrecognized_keys') {
        const name = issue.path.join('.') || 'the whole'
        return [`${at(offsetOf(document, issue.path))}${name}: ${issue.message}`]
      }
      return issue.keys.map((key) => {
        const keyPath = [...issue.path, key]
        return `${at(offsetOf(document, keyPath))}${keyPath.join('.')}: there is no such key`
      })
    }),
  )
}

/** What the file at `path` says. The error is a text for the user. */
export function readConfigFile(path: string, variable: ReadVariable): Result<ConfigFile, string> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (fault) {
    const why = (fault as Error).message
    return err(`The configuration file ${path} cannot be read: ${why}. Check its owner and permissions.`)
  }
  return parseConfigFile(text, path, variable)
}
