import { join } from 'node:path'

/** What is known of a module while chunks are made; as rolldown gives it. */
export interface Modules {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null
}

/**
 * Names the chunk of each module that the window is drawn with: `ahead` for what sets the rest on its way, `start` for what
 * the page about the port needs too, and `window`. Left to the bundler these are fifty files, as each page shares some of
 * them, and a request for each takes longer than reading them. `folder`: where the window's code lies.
 */
export function windowChunks(folder: string): (id: string, modules: Modules) => string | null {
  const known = new Map<string, ReadonlySet<string>>()
  const behind = (file: string, modules: Modules): ReadonlySet<string> => {
    const found = known.get(file) ?? importedBy([join(folder, file)], modules)
    known.set(file, found)
    return found
  }
  return (id, modules) => {
    // A page that runs by itself stays what the document names: another that shared its file would run it.
    if (id.endsWith('.html') || id.endsWith('.css') || /\/main\.tsx?$/.test(id)) return null
    if (behind('main.ts', modules).has(id)) return 'ahead'
    if (!behind('window.tsx', modules).has(id)) return null
    return behind(join('api-docs', 'main.tsx'), modules).has(id) ? 'start' : 'window'
  }
}

/** Modules and all that they import before they run. */
export function importedBy(first: readonly string[], modules: Modules): ReadonlySet<string> {
  const found = new Set(first)
  for (const id of found) for (const next of modules.getModuleInfo(id)?.importedIds ?? []) found.add(next)
  return found
}
