import { z } from 'zod'
import type { Schema } from './schema-text.ts'

const content = z.record(z.string(), z.object({ schema: z.custom<Schema>().optional() })).default({})
const operation = z.object({
  operationId: z.string(),
  summary: z.string().optional(),
  description: z.string().optional(),
  tags: z.array(z.string()).default([]),
  security: z.array(z.unknown()).optional(),
  parameters: z
    .array(
      z.object({
        name: z.string(),
        in: z.string(),
        required: z.boolean().default(false),
        schema: z.custom<Schema>().optional(),
      }),
    )
    .default([]),
  requestBody: z.object({ content }).optional(),
  responses: z.record(z.string(), z.object({ description: z.string().default(''), content })).default({}),
})
const document = z.object({
  info: z.object({ version: z.string() }),
  paths: z.record(z.string(), z.record(z.string(), operation)),
})

/** One route, as the page shows it. */
export interface DocumentedRoute extends z.infer<typeof operation> {
  readonly method: string
  readonly path: string
}

export interface ApiDocument {
  readonly version: string
  readonly groups: readonly { readonly name: string; readonly routes: readonly DocumentedRoute[] }[]
}

/** Reads the OpenAPI document of this server, its routes by group in its own order. Throws where it is not one. */
export function readApiDocument(given: unknown): ApiDocument {
  const { info, paths } = document.parse(given)
  const groups = new Map<string, DocumentedRoute[]>()
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, read] of Object.entries(operations)) {
      const name = read.tags[0] ?? ''
      groups.set(name, [...(groups.get(name) ?? []), { ...read, method: method.toUpperCase(), path: `/api${path}` }])
    }
  }
  return { version: info.version, groups: [...groups].map(([name, routes]) => ({ name, routes })) }
}

/** Whether what somebody looks for stands in a route's path, name or words. */
export function isAbout(route: DocumentedRoute, sought: string): boolean {
  const { method, path, operationId, summary = '' } = route
  return `${method} ${path} ${operationId} ${summary}`.toLowerCase().includes(sought.trim().toLowerCase())
}
