import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const packageFile = z.object({ name: z.string() })

function isPackageRoot(folder: string): boolean {
  const file = join(folder, 'package.json')
  if (!existsSync(file)) return false
  return packageFile.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data?.name === 'baton'
}

/**
 * The absolute path of `resources/` (migrations, prices, templates). It lies beside Baton's package.json,
 * above the sources as well as above the built `out/main`, so both find the same files and no build step copies them.
 */
export function resourceFolder(): string {
  const start = dirname(fileURLToPath(import.meta.url))
  for (let folder = start; ; folder = dirname(folder)) {
    if (isPackageRoot(folder)) return join(folder, 'resources')
    if (folder === dirname(folder)) {
      throw new Error(
        `Baton's package folder was not found above ${start}, so its resources cannot be read. Reinstall the package, or run it from an unbroken checkout.`,
      )
    }
  }
}
