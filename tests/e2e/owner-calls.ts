import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import { z } from 'zod'
import type { Host } from './host.ts'

const named = z.object({ id: z.string() })

/** Calls over the routes with the secret of the owner's token file, beside what a person does in the window. */
export interface OwnerCalls {
  readonly origin: string
  /** The parsed answer, which must be good. `path` stands behind `/api`. */
  ask(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, data?: unknown): Promise<unknown>
  /** Makes something, and answers with its id. */
  make(path: string, data: unknown): Promise<{ id: string }>
}

export function ownerCalls({ page, data_dir }: Pick<Host, 'page' | 'data_dir'>): OwnerCalls {
  const token = readFileSync(join(data_dir, 'token'), 'utf8').trim()
  const { origin } = new URL(page.url())
  const headers = { authorization: `Bearer ${token}` }
  const ask: OwnerCalls['ask'] = async (method, path, data) => {
    const body = data === undefined ? {} : { data }
    const answer = await page.request.fetch(`${origin}/api${path}`, { method, headers, ...body })
    expect(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`).toBe(true)
    return answer.json()
  }
  return { origin, ask, make: async (path, data) => named.parse(await ask('POST', path, data)) }
}
