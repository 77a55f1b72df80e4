import type { Citation } from '#contract/knowledge-words.ts'
import { citedText } from '../knowledge/cite.ts'
import type { TaskRow } from '../store/schema.ts'
import type { RunServices } from './run-frame.ts'
import { estimateTokens } from './token-estimate.ts'

/** Passages for a task, with where they stand. */
export interface Retrieved {
  readonly text: string
  readonly citations: readonly Citation[]
  /** What is to be said of the search; empty where all was searched. */
  readonly note: string
}

const NOTHING: Retrieved = { text: '', citations: [], note: '' }
const PASSAGES = 6
const QUERY_CHARACTERS = 1_000

/** What knowledge has for a task, best first, within `tokens` (E7). A search that fails costs the task nothing. */
export async function retrieve(
  knowledge: RunServices['knowledge'],
  { project_id, title, description }: Pick<TaskRow, 'project_id' | 'title' | 'description'>,
  tokens: number,
  signal: AbortSignal,
): Promise<Retrieved> {
  if (!knowledge.isThere(project_id)) return NOTHING
  const query = `${title} ${description}`.trim().slice(0, QUERY_CHARACTERS)
  const found = await knowledge.search({ query, limit: PASSAGES, mode: 'hybrid', project_id }, signal)
  if (!found.ok) return { ...NOTHING, note: found.error.message }
  const taken: { text: string; citation: Citation }[] = []
  let used = 0
  for (const hit of found.value.items) {
    const text = citedText(hit)
    used += estimateTokens(text) + 2
    if (used > tokens) break
    taken.push({ text, citation: hit.citation })
  }
  return {
    text: taken.map((each) => each.text).join('\n\n'),
    citations: taken.map((each) => each.citation),
    note: found.value.note,
  }
}
