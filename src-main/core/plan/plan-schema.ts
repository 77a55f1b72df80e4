import { complexity, taskType, tier } from '#contract/states.ts'

/** A JSON Schema object, as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>

const text = { type: 'string' }
const texts = { type: 'array', items: text }

/**
 * The JSON Schema for a plan in the form in which a model writes it (tasks have an `id` that `depends_on` names).
 * It keeps to what Anthropic's structured output takes: closed objects, everything required, no limits on lengths or
 * numbers, no recursion. Ollama's `format` takes the same. Limits are checked afterwards by `parsePlan`.
 *
 * @param toolNames the tools that a task may ask for
 */
export function planOutputSchema(toolNames: readonly string[]): JsonSchema {
  const tool = toolNames.length === 0 ? text : { type: 'string', enum: [...toolNames] }
  const task = {
    id: { ...text, description: 'Short name of the task, unique in this plan: letters, digits, _ . -' },
    title: text,
    description: { ...text, description: 'Everything that whoever does the task has to know' },
    type: { type: 'string', enum: taskType.options },
    complexity: { type: 'string', enum: complexity.options },
    tier: {
      anyOf: [{ type: 'string', enum: tier.options }, { type: 'null' }],
      description: 'null: Baton decides',
    },
    tools: { type: 'array', items: tool },
    depends_on: { ...texts, description: 'The ids of the tasks that must be done before' },
    acceptance: { ...texts, description: 'What must hold for the task to be done' },
    verify_command: {
      anyOf: [text, { type: 'null' }],
      description:
        'A shell command, run in the workspace, without network but for the hosts, that ends with 0 only if the task is done; null where none can tell',
    },
    write_scope: { ...texts, description: 'Paths that the task may write, relative to the workspace' },
    hosts: {
      ...texts,
      description:
        'Hosts of the internet that the task has to reach (example.com), for fetch_url and run_command; empty where it needs none',
    },
    artifacts: { ...texts, description: 'Files that the task leaves behind, relative to the workspace' },
  }
  return closed({ title: text, summary: text, tasks: { type: 'array', items: closed(task) } })
}

function closed(properties: JsonSchema): JsonSchema {
  return { type: 'object', additionalProperties: false, required: Object.keys(properties), properties }
}
