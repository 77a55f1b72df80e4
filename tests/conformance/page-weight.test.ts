import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const page = join(import.meta.dirname, '..', '..', 'out', 'renderer')
/** What a first load may weigh, packed as servers and tunnels pack it. */
const MOST_BYTES = 500 * 1024

const manifest = z.record(
  z.string(),
  z.object({
    file: z.string(),
    isEntry: z.boolean().default(false),
    imports: z.array(z.string()).default([]),
    dynamicImports: z.array(z.string()).default([]),
    css: z.array(z.string()).default([]),
  }),
)
const chunks = manifest.parse(JSON.parse(readFileSync(join(page, '.vite', 'manifest.json'), 'utf8')))

/** Names of the chunks that come with `name`, itself included. */
function loadedWith(name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen
  seen.add(name)
  for (const next of chunks[name]?.imports ?? []) loadedWith(next, seen)
  return seen
}

/** Scripts and styles of chunks, packed. Fonts come later and hold nothing up. */
function packedBytes(names: Iterable<string>, withStyles = true): number {
  const files = new Set(
    [...names].flatMap((name) => [chunks[name]?.file ?? '', ...(withStyles ? (chunks[name]?.css ?? []) : [])]),
  )
  return [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(page, file))).length, 0)
}

const [entry] = Object.entries(chunks).flatMap(([name, chunk]) =>
  chunk.isEntry && name === 'index.html' ? [name] : [],
)
/** The little that sets the rest on its way, and the code of the window behind it. */
const ahead = loadedWith(entry ?? '')
const [windowChunk] = Object.keys(chunks).filter((name) => /^_window-/.test(name))
const first = loadedWith(windowChunk ?? '', new Set(ahead))

describe('what the page loads', () => {
  it('U5 shows its first page with less than 500 kB', () => {
    expect(entry).toBeDefined()
    expect(windowChunk).toBeDefined()
    const bytes = packedBytes(first)
    expect(bytes).toBeGreaterThan(50_000)
    expect(bytes).toBeLessThan(MOST_BYTES)
  })

  it('U5 opens any page within the same 500 kB, graph and editor included', () => {
    const pages = [...ahead]
      .flatMap((name) => chunks[name]?.dynamicImports ?? [])
      .filter((name) => name !== windowChunk)
    expect(pages.length).toBeGreaterThan(5)
    for (const name of pages) {
      const bytes = packedBytes(loadedWith(name, new Set(first)))
      expect(bytes, `${name} and all that comes with it`).toBeLessThan(MOST_BYTES)
    }
  })

  it('U5 asks for what it shows with less than 8 kB of code, before the rest is there', () => {
    expect(packedBytes([...ahead], false)).toBeLessThan(8 * 1024)
  })

  it('U5 draws its first page with a handful of files, and of the contract knows the routes alone', () => {
    expect(first.size).toBeLessThan(7)
    const code = [...first].map((name) => readFileSync(join(page, chunks[name]?.file ?? ''), 'utf8')).join('\n')
    expect(code.includes('/projects/{id}/tasks')).toBe(true)
    // As the schema of a lock calls it, which no page shows.
    expect(code.includes('granted_at')).toBe(false)
  })

  it('U5 loads graph and editor when they are needed', () => {
    const files = [...first].map((name) => chunks[name]?.file ?? '').join(' ')
    expect(files).not.toMatch(/graph|editor|usage/)
    expect(Object.keys(chunks).join(' ')).toMatch(/task-graph/)
  })
})
