import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import envPaths from 'env-paths'
import { z } from 'zod'
import { resourceFolder } from '#core/resource-folder.ts'

/** Baton's version, from its package.json. */
export function batonVersion(): string {
  const file = join(dirname(resourceFolder()), 'package.json')
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8'))).version
}

/** Folder of the built UI; it may not be built. */
export function uiFolder(): string {
  return join(dirname(resourceFolder()), 'out', 'renderer')
}

/** Folder of the user guide. */
export function documentFolder(): string {
  return join(dirname(resourceFolder()), 'docs')
}

/** Where data lies when nobody says otherwise: the place that the system has for it. */
export function defaultDataFolder(): string {
  return envPaths('baton', { suffix: '' }).data
}
