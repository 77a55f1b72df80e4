import { z } from 'zod'
import type { SearchResult } from '#contract/knowledge.ts'
import { citedText } from '../knowledge/cite.ts'
import type { SearchKnowledge } from '../knowledge/knowledge-parts.ts'
import type { Tool, ToolResult } from './tool.ts'
import { failed, succeeded } from './tool-result.ts'

const limit = () => z.number().int().min(1).max(20).default(6).describe('How many passages at most')

const question = z.lazy(() =>
  z.strictObject({
    query: z.string().trim().min(1).max(2_000).describe('What you want to know, in words'),
    limit: limit(),
  }),
)

/** Finds passages by what they mean and by their words (K2). */
export function createSearchKnowledge(search: SearchKnowledge['search']): Tool<z.infer<typeof question>> {
  return {
    name: 'search_knowledge',
    description:
      'Searches the documents that the user has given, by meaning and by words. Answers with passages, each under its place in square brackets. Where you use one, cite its place exactly as it stands in the brackets.',
    risk: 'read',
    parameters: question,
    async execute({ query, limit }, { project_id, signal }) {
      const found = await search({ query, limit, mode: 'hybrid', project_id }, signal)
      return found.ok ? told(found.value) : failed(found.error.message)
    },
  }
}

const term = z.lazy(() =>
  z.strictObject({
    name: z
      .string()
      .trim()
      .min(1)
      .max(500)
      .describe('A name, a term or exact words, such as createUser or "unit test"'),
    limit: limit(),
  }),
)

/** Finds passages that hold exact words, by the keyword index alone. */
export function createLookupType(search: SearchKnowledge['search']): Tool<z.infer<typeof term>> {
  return {
    name: 'lookup_type',
    description:
      'Looks up a type, a function, a term or exact words in the documents and the code that the user has given, by keywords alone. Answers with passages, each under its place in square brackets.',
    risk: 'read',
    parameters: term,
    async execute({ name, limit }, { project_id, signal }) {
      const found = await search({ query: name, limit, mode: 'keywords', project_id }, signal)
      return found.ok ? told(found.value) : failed(found.error.message)
    },
  }
}

function told({ items, note }: SearchResult): ToolResult {
  const notes = note === '' ? [] : [`[${note}]`]
  if (items.length === 0) return succeeded(['Nothing was found. Try other words.', ...notes].join('\n'))
  const text = [...items.map((hit) => citedText(hit)), ...notes].join('\n\n')
  return { ...succeeded(text), citations: items.map(({ citation }) => citation) }
}
