import type { PlanNotes } from './plan-notes.ts'
import { quote } from './quote.ts'

type Aliases = ReadonlyMap<string, string>

/** Other spellings under which models write the members of a plan, each squeezed to lower-case letters. */
export const PLAN_MEMBERS: Aliases = aliases({
  title: ['name', 'plantitle', 'plan_name'],
  summary: ['description', 'overview'],
  tasks: [],
})

export const TASK_MEMBERS: Aliases = aliases({
  id: ['key', 'task_id', 'task_key'],
  title: ['name'],
  description: ['details', 'instructions'],
  type: ['task_type', 'kind'],
  complexity: ['difficulty'],
  tier: ['model_tier'],
  tools: ['tool_names'],
  depends_on: ['dependencies', 'depends', 'deps', 'dependency'],
  acceptance: ['acceptance_criteria', 'criteria'],
  verify_command: ['verify', 'verification_command'],
  write_scope: ['write_paths', 'scope'],
  hosts: ['allowed_hosts', 'domains'],
  artifacts: ['files', 'outputs', 'expected_artifacts', 'artifact'],
})

function aliases(members: Readonly<Record<string, readonly string[]>>): Aliases {
  const pairs = Object.entries(members).flatMap(([member, others]) =>
    [member, ...others].map((spelling): [string, string] => [squeeze(spelling), member]),
  )
  return new Map(pairs)
}

/** Letters and digits only, in lower case: `dependsOn`, `depends-on` and `DEPENDS_ON` are one word. */
export function squeeze(word: string): string {
  return word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
}

/** The members of an object under the names that plans have; other spellings and unknown members are noted. */
export function readMembers(
  record: Readonly<Record<string, unknown>>,
  known: Aliases,
  task: string | null,
  notes: PlanNotes,
): Map<string, unknown> {
  const members = new Map<string, unknown>()
  const spelled = new Map<string, string>()
  for (const [spelling, value] of Object.entries(record)) {
    const member = known.get(squeeze(spelling))
    if (member === undefined) {
      notes.repair(task, `Left out ${quote(spelling)}, which plans do not have.`)
      continue
    }
    const before = spelled.get(member)
    if (before !== undefined) {
      notes.problem(task, member, `${quote(before)} and ${quote(spelling)} mean the same. Give only ${quote(member)}.`)
      continue
    }
    if (spelling !== member) notes.repair(task, `Read ${quote(spelling)} as ${quote(member)}.`)
    spelled.set(member, spelling)
    members.set(member, value)
  }
  return members
}
