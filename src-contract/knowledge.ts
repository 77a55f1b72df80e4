import { z } from 'zod'
import { documentId, projectId, sourceId } from './ids.ts'
import { citation, sourceKind, sourceState } from './knowledge-words.ts'
import { timestamp } from './time.ts'

/** Most bytes of a file that is handed over instead of named by its path. */
export const MAX_UPLOAD_BYTES = 20_000_000

/** What somebody gave to search in: a file, a folder, or a file's content. */
export const knowledgeSource = z.object({
  id: sourceId,
  /** Whose knowledge it is; null: everybody's. */
  project_id: projectId.nullable(),
  kind: sourceKind,
  name: z.string(),
  /** Where it lies on this machine; null for what was handed over. */
  path: z.string().nullable(),
  /** Changes of its files are followed. */
  watched: z.boolean(),
  state: sourceState,
  reason: z.string(),
  /** Files that can be searched, and files that could not be read. */
  files: z.number().int(),
  problems: z.number().int(),
  chunks: z.number().int(),
  /** While it is being read: files done and to do. */
  progress: z.object({ done: z.number().int(), total: z.number().int() }).nullable(),
  created_at: timestamp,
  indexed_at: timestamp.nullable(),
})
export type KnowledgeSource = z.infer<typeof knowledgeSource>

const ofProject = projectId.nullable().default(null)

export const newSource = z.strictObject({
  /** Absolute path of a file or a folder of this machine. */
  path: z.string().min(1).max(4_096),
  project_id: ofProject,
  watched: z.boolean().default(false),
})
export const newUpload = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[^/\\\p{C}]+$/u, 'a file name without a folder'),
  project_id: ofProject,
  /** The file's bytes in base64. */
  content: z.base64().max(Math.ceil(MAX_UPLOAD_BYTES / 3) * 4),
})
export const changeSource = z.strictObject({ id: sourceId, watched: z.boolean() })

export const mediaKind = z.enum(['text', 'markdown', 'html', 'pdf', 'csv', 'code'])

/** One file of a source. */
export const knowledgeFile = z.object({
  /** Null where it could not be read; `problem` says why. Files of the same content share one. */
  document_id: documentId.nullable(),
  source_id: sourceId,
  /** Relative to the source's folder. */
  path: z.string(),
  media: mediaKind.nullable(),
  bytes: z.number().int(),
  pages: z.number().int().nullable(),
  lines: z.number().int().nullable(),
  chunks: z.number().int(),
  problem: z.string(),
})
export type KnowledgeFile = z.infer<typeof knowledgeFile>

export const foundBy = z.enum(['keywords', 'meaning'])
export const searchHit = z.object({
  citation,
  heading: z.string(),
  text: z.string(),
  /** Of 1: first by every way of searching that was used. */
  score: z.number(),
  found_by: z.array(foundBy),
})
export type SearchHit = z.infer<typeof searchHit>

export const searchQuery = z.strictObject({
  query: z.string().trim().min(1).max(2_000),
  /** This project's knowledge and everybody's; without one, all that there is. */
  project_id: projectId.optional(),
  limit: z.coerce.number().int().min(1).max(50).default(10),
  mode: z.enum(['hybrid', 'keywords']).default('hybrid'),
})
export type SearchQuery = z.infer<typeof searchQuery>
export const searchResult = z.object({
  items: z.array(searchHit),
  mode: z.enum(['hybrid', 'keywords']),
  /** Why it was searched by keywords alone, or not in all of it; empty where all is as wanted. */
  note: z.string(),
})
export type SearchResult = z.infer<typeof searchResult>

/** A part of a document's text around a place. Parts follow each other without gaps. */
export const documentText = z.object({
  document_id: documentId,
  title: z.string(),
  media: mediaKind,
  pages: z.number().int().nullable(),
  characters: z.number().int(),
  parts: z.array(
    z.object({
      start: z.number().int(),
      text: z.string(),
      page: z.number().int().nullable(),
      line: z.number().int(),
    }),
  ),
})
export type DocumentText = z.infer<typeof documentText>
export const documentQuery = z.strictObject({
  id: documentId,
  /** The place in the document's text that has to be in the answer. */
  around: z.coerce.number().int().nonnegative().default(0),
})

/** How far the vectors are, and by which model. */
export const knowledgeStatus = z.object({
  files: z.number().int(),
  chunks: z.number().int(),
  /** Chunks that can be found by meaning with the model in use. */
  embedded: z.number().int(),
  /** `off`: nobody makes vectors, so keywords alone are searched; `filling`: vectors are being made. */
  embedding: z.enum(['off', 'filling', 'ready', 'failed']),
  /** Whose vectors are searched now; null: nobody's. */
  model: z.string().nullable(),
  /** Whose vectors are being made to take its place. */
  next_model: z.string().nullable(),
  /** Models of Ollama that can make vectors. */
  models: z.array(z.string()),
  detail: z.string(),
})
export type KnowledgeStatus = z.infer<typeof knowledgeStatus>
