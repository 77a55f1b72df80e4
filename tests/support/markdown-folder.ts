import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Every file below a folder, as relative paths. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}

/** Relative links of a markdown file, as written. */
export function linksOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
    .map((match) => match[1] ?? '')
    .filter((target) => !/^[a-z]+:/.test(target))
}

/** Links of all markdown files of a folder that lead nowhere. */
export function deadLinks(folder: string): string[] {
  return filesBelow(folder)
    .filter((path) => path.endsWith('.md'))
    .flatMap((path) =>
      linksOf(join(folder, path))
        .filter((link) => !existsSync(join(folder, dirname(path), link)))
        .map((link) => `${path}: ${link}`),
    )
}
