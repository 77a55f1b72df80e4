import { BIRDS } from './birds.ts'
import { isSchema, resolve, sampleOf } from './schema-sample.ts'

interface PlannedTask {
  readonly key: string
  readonly title: string
  readonly description: string
  readonly type: string
  readonly complexity: string
  readonly path: string
  readonly depends_on: readonly string[]
}

/** Plan JSON for the requirement in what the user said, in the fields that the asked schema has. */
export function planText(said: string, schema: Readonly<Record<string, unknown>>): string {
  const plan = /birds of lake constance/i.test(said)
    ? { title: 'Field guide to the birds of Lake Constance', tasks: birdTasks() }
    : { title: topicOf(said), tasks: plainTasks(topicOf(said)) }
  const known: Readonly<Record<string, unknown>> = {
    title: plan.title,
    summary: `${plan.tasks.length} tasks, each leaving one file behind.`,
    tasks: plan.tasks.map((task) => shaped(fieldsOf(task), itemSchema(schema), schema)),
  }
  return JSON.stringify(shaped(known, schema, schema))
}

function birdTasks(): PlannedTask[] {
  const birds = BIRDS.map((bird) => ({
    key: bird.slug,
    title: `Write about the ${bird.name.toLowerCase()}`,
    description: `One page about the ${bird.name.toLowerCase()} (${bird.latin}) at Lake Constance: how to know it, where to find it.`,
    type: 'research',
    complexity: 'simple',
    path: `birds/${bird.slug}.md`,
    depends_on: [],
  }))
  const after = birds.map((task) => task.key)
  return [
    ...birds,
    {
      key: 'index',
      title: 'Write the index',
      description: 'A page with a link to the page of every bird.',
      type: 'writing',
      complexity: 'medium',
      path: 'index.md',
      depends_on: after,
    },
    {
      key: 'glossary',
      title: 'Write the glossary',
      description: 'The terms that the pages use, each explained in one line.',
      type: 'writing',
      complexity: 'medium',
      path: 'glossary.md',
      depends_on: after,
    },
  ]
}

function plainTasks(topic: string): PlannedTask[] {
  const task = (key: string, what: string, type: string, complexity: string, depends_on: string[]): PlannedTask => ({
    key,
    title: `${what}: ${topic}`.slice(0, 200),
    description: `${what} for: ${topic}`,
    type,
    complexity,
    path: `${key}.md`,
    depends_on,
  })
  return [
    task('notes', 'Collect notes', 'research', 'simple', []),
    task('draft', 'Write a draft from the notes', 'writing', 'medium', ['notes']),
    task('summary', 'Sum up the draft', 'writing', 'simple', ['draft']),
  ]
}

/** The first line that follows a heading "Requirement(s)", or the last line that says anything. */
function topicOf(text: string): string {
  const lines = text.split('\n').map((line) => line.trim())
  const heading = lines.findIndex((line) => /^[#*\s]*requirements?\b[^a-z]*$/i.test(line))
  const inline = lines.map((line) => /^[#*\s]*requirements?:\s*(\S.*)$/i.exec(line)?.[1]).find(Boolean)
  const after = heading === -1 ? undefined : lines.slice(heading + 1).find((line) => line !== '')
  return (after ?? inline ?? lines.findLast((line) => line !== '') ?? 'the task').slice(0, 120)
}

/** All spellings that a plan's schema may use for what the brain knows of a task. */
function fieldsOf(task: PlannedTask): Record<string, unknown> {
  const acceptance = [`${task.path} exists and speaks about its subject`]
  return {
    key: task.key,
    id: task.key,
    title: task.title,
    description: task.description,
    type: task.type,
    complexity: task.complexity,
    tier: null,
    tools: task.path === 'index.md' ? ['write_file', 'list_files', 'read_file'] : ['write_file'],
    depends_on: task.depends_on,
    acceptance,
    acceptance_criteria: acceptance,
    verify_command: null,
    write_scope: [task.path],
    artifacts: [task.path],
    expected_artifacts: [task.path],
  }
}

function itemSchema(schema: Readonly<Record<string, unknown>>): unknown {
  const properties = schema['properties']
  const tasks = isSchema(properties) ? properties['tasks'] : undefined
  const items = isSchema(tasks) ? tasks['items'] : undefined
  const ref = isSchema(items) ? items['$ref'] : undefined
  return typeof ref === 'string' ? resolve(ref, schema) : items
}

/** Keeps what the schema asks for, and makes up what the brain does not know. */
function shaped(
  known: Readonly<Record<string, unknown>>,
  schema: unknown,
  root: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const properties = isSchema(schema) && isSchema(schema['properties']) ? schema['properties'] : null
  if (properties === null) return { ...known }
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => {
      const isUsable = name in known && (known[name] !== null || allowsNull(property))
      return [name, isUsable ? known[name] : sampleOf(property, root)]
    }),
  )
}

function allowsNull(schema: unknown): boolean {
  if (!isSchema(schema)) return true
  const type = schema['type']
  const variants = schema['anyOf'] ?? schema['oneOf']
  if (Array.isArray(variants)) return variants.some(allowsNull)
  return type === 'null' || (Array.isArray(type) && type.includes('null'))
}
