import { hostPattern } from '#contract/host.ts'
import { complexity, taskType, tier } from '#contract/states.ts'
import { type KnownNames, pathFault, unknownTool } from './check-plan.ts'
import { isRecord } from './find-plan-json.ts'
import { squeeze } from './plan-members.ts'
import type { PlanNotes } from './plan-notes.ts'
import { kindOf, quote } from './quote.ts'

const MAX_TITLE = 300

const TYPE_WORDS: Readonly<Record<string, string>> = {
  coding: 'code',
  programming: 'code',
  implementation: 'code',
  development: 'code',
  documentation: 'writing',
  docs: 'writing',
  write: 'writing',
  analyze: 'analysis',
  analyse: 'analysis',
  plan: 'planning',
  integrate: 'integration',
  image: 'asset',
  assets: 'asset',
}
const COMPLEXITY_WORDS: Readonly<Record<string, string>> = {
  low: 'simple',
  easy: 'simple',
  trivial: 'simple',
  moderate: 'medium',
  normal: 'medium',
  high: 'complex',
  hard: 'complex',
  difficult: 'complex',
}
const NO_TIER = new Set(['', 'auto', 'default', 'none', 'null', 'any'])

/** Reads the members of one task, all but its dependencies. What it returns still has to pass the contract's schema. */
export function readTaskFields(
  members: ReadonlyMap<string, unknown>,
  key: string,
  known: KnownNames,
  notes: PlanNotes,
): Record<string, unknown> {
  const text = readText(members.get('description'), key, 'description', notes)
  const { title, description } = readTitle(members.get('title'), text, key, notes)
  return {
    key,
    title,
    description,
    type: readWord(members.get('type'), key, 'type', taskType.options, TYPE_WORDS, notes),
    complexity: readWord(members.get('complexity'), key, 'complexity', complexity.options, COMPLEXITY_WORDS, notes),
    tier: readTier(members.get('tier'), key, notes),
    tools: readTools(members.get('tools'), key, known, notes),
    acceptance: readTexts(members.get('acceptance'), key, 'acceptance', notes),
    verify_command: readCommand(members.get('verify_command'), key, notes),
    write_scope: readPaths(members.get('write_scope'), key, 'write_scope', notes),
    hosts: readHosts(members.get('hosts'), key, notes),
    artifacts: readPaths(members.get('artifacts'), key, 'artifacts', notes),
  }
}

/** A text; lines in a list are joined; nothing is the empty text. */
export function readText(value: unknown, task: string | null, field: string, notes: PlanNotes): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'number') {
    notes.repair(task, `Read the ${field}, a number, as text.`)
    return String(value)
  }
  if (Array.isArray(value) && value.every((line) => typeof line === 'string')) {
    notes.repair(task, `Joined the lines of the ${field}.`)
    return value.join('\n')
  }
  notes.problem(task, field, `The ${field} is ${kindOf(value)}. Give a text.`)
  return ''
}

function firstLine(text: string): string {
  const line = text.trim().split('\n', 1)[0] ?? ''
  return line.slice(0, MAX_TITLE).toWellFormed().trim()
}

/**
 * The title, taken from the description's first line where there is none. One that is too long is shortened, and kept
 * whole at the head of the description, so that nothing is lost.
 */
export function readTitle(
  value: unknown,
  description: string,
  task: string | null,
  notes: PlanNotes,
): { title: string; description: string } {
  const title = readText(value, task, 'title', notes).trim()
  if (title.length > MAX_TITLE) {
    notes.repair(task, 'Shortened the title; its full text heads the description.')
    return {
      title: firstLine(title.slice(0, MAX_TITLE - 1)),
      description: description === '' ? title : `${title}\n\n${description}`,
    }
  }
  if (title !== '') return { title, description }
  const line = firstLine(description)
  if (line !== '') notes.repair(task, "Took the title from the description's first line.")
  else if (task !== null) notes.problem(task, 'title', 'The task has neither title nor description. Say what it does.')
  return { title: line, description }
}

function readWord(
  value: unknown,
  task: string,
  field: string,
  options: readonly string[],
  synonyms: Readonly<Record<string, string>>,
  notes: PlanNotes,
): string | null {
  if (typeof value === 'string') {
    if (options.includes(value)) return value
    const word = squeeze(value)
    const meant =
      options.find((option) => option === word) ?? (Object.hasOwn(synonyms, word) ? synonyms[word] : undefined)
    if (meant !== undefined) {
      notes.repair(task, `Read the ${field} ${quote(value)} as ${quote(meant)}.`)
      return meant
    }
  }
  const what =
    value === undefined || value === null ? `The ${field} is missing` : `The ${field} cannot be ${kindOf(value)}`
  notes.problem(task, field, `${what}. Use one of: ${options.join(', ')}.`)
  return null
}

function readTier(value: unknown, task: string, notes: PlanNotes): string | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'string' && NO_TIER.has(squeeze(value))) {
    notes.repair(task, `Read the tier ${quote(value)} as "Baton decides".`)
    return null
  }
  return readWord(value, task, 'tier', tier.options, {}, notes)
}

function readCommand(value: unknown, task: string, notes: PlanNotes): string | null {
  if (value === undefined || value === null) return null
  if (typeof value !== 'string') {
    notes.problem(
      task,
      'verify_command',
      `The verify command is ${kindOf(value)}. Give one command as a text, or null.`,
    )
    return null
  }
  if (value.trim() !== '') return value
  notes.repair(task, 'Read the empty verify command as none.')
  return null
}

/** A list of texts; one text alone is a list of one; nothing is the empty list. */
function readTexts(value: unknown, task: string, field: string, notes: PlanNotes): string[] {
  if (value === undefined || value === null) return []
  if (typeof value === 'string') {
    if (value.trim() === '') return []
    notes.repair(task, `Read the text in ${quote(field)} as a list of one.`)
    return [value]
  }
  if (!Array.isArray(value)) {
    notes.problem(task, field, `${quote(field)} is ${kindOf(value)}. Give a list of texts.`)
    return []
  }
  const texts: string[] = []
  for (const item of value) {
    if (typeof item === 'string') texts.push(item)
    else notes.problem(task, field, `${quote(field)} contains ${kindOf(item)}. Give a list of texts.`)
  }
  return texts
}

function readTools(value: unknown, task: string, known: KnownNames, notes: PlanNotes): string[] {
  const tools = new Set<string>()
  for (const name of readTexts(value, task, 'tools', notes)) {
    const exact = known.tools.includes(name) ? [name] : known.tools.filter((tool) => squeeze(tool) === squeeze(name))
    const tool = exact[0]
    if (tool === undefined || exact.length > 1) {
      notes.problem(task, 'tools', unknownTool(name, known.tools))
      continue
    }
    if (tool !== name) notes.repair(task, `Read the tool ${quote(name)} as ${quote(tool)}.`)
    if (tools.has(tool)) notes.repair(task, `Named the tool ${quote(tool)} once instead of twice.`)
    tools.add(tool)
  }
  return [...tools]
}

/** Names of hosts; a URL is read as the host that it names. */
function readHosts(value: unknown, task: string, notes: PlanNotes): string[] {
  const hosts = new Set<string>()
  for (const written of readTexts(value, task, 'hosts', notes)) {
    const text = written.trim()
    const url = /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : null
    const parsed = hostPattern.safeParse(url === null ? text : url.host)
    if (!parsed.success) {
      notes.problem(task, 'hosts', `${quote(written)} is no host. Use a name such as example.com, or leave it out.`)
      continue
    }
    if (parsed.data !== written) notes.repair(task, `Read the host ${quote(written)} as ${quote(parsed.data)}.`)
    hosts.add(parsed.data)
  }
  return [...hosts]
}

function readPaths(value: unknown, task: string, field: string, notes: PlanNotes): string[] {
  const items = Array.isArray(value) ? value.map((item) => pathOf(item, task, notes)) : value
  const paths = new Set<string>()
  for (const written of readTexts(items, task, field, notes)) {
    const path = spellPath(written)
    const fault = pathFault(path)
    if (fault !== null) {
      notes.problem(task, field, fault)
      continue
    }
    if (path !== written) notes.repair(task, `Spelled the path ${quote(written)} as ${quote(path)}.`)
    if (paths.has(path)) notes.repair(task, `Named the path ${quote(path)} once instead of twice.`)
    paths.add(path)
  }
  return [...paths]
}

/** `{path: "a.md"}`, as some models write a file, is the path alone. */
function pathOf(item: unknown, task: string, notes: PlanNotes): unknown {
  if (!isRecord(item) || typeof item['path'] !== 'string' || Object.keys(item).length !== 1) return item
  notes.repair(task, `Read an object with the path ${quote(item['path'])} as this path.`)
  return item['path']
}

/** Without `./` and with `/` between folders, unless that is more than a matter of spelling (`C:\…`). */
function spellPath(path: string): string {
  const slashed = /^[A-Za-z]:|^\\/.test(path) ? path : path.replaceAll('\\', '/')
  return slashed.trim().replace(/^(?:\.\/+)+(?=.)/, '')
}
