import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { ImageTemplates } from '#contract/gpu.ts'
import { err, ok, type Result } from '#contract/result.ts'
import { parseTemplate, type Template } from './template.ts'

/** A file that lies among the templates and is none. */
export interface TemplateFault {
  readonly file: string
  readonly message: string
}

/** The workflows there are: Baton's own and those that a person dropped into the folder, which win where names are equal. */
export interface TemplateFolder {
  /** The user's folder, where files are dropped. */
  readonly path: string
  list(): { templates: Template[]; faults: TemplateFault[] }
  get(name: string): Result<Template, string>
  view(): ImageTemplates
}

const MAX_FILE_BYTES = 2_000_000
const NAME = /^[a-z0-9][a-z0-9._-]{0,60}$/i

/** Files are read anew each time: a dropped one counts at once. */
export function createTemplateFolder(shipped: string, path: string): TemplateFolder {
  function list(): { templates: Template[]; faults: TemplateFault[] } {
    const found = new Map<string, Template>()
    const faults: TemplateFault[] = []
    for (const file of [...filesIn(shipped), ...filesIn(path)]) {
      const name = basename(file, '.json')
      const read = readTemplate(name, file)
      if (read.ok) found.set(name, read.value)
      else faults.push({ file, message: read.error })
    }
    return { templates: [...found.values()], faults }
  }

  return {
    path,
    list,
    view() {
      const { templates, faults } = list()
      const shown = templates.map(({ name, title, description, inputs }) => {
        return { name, title, description, inputs: Object.keys(inputs) }
      })
      return { folder: path, templates: shown, faults }
    },
    get(name) {
      const { templates, faults } = list()
      const template = templates.find((each) => each.name === name)
      if (template !== undefined) return ok(template)
      const fault = faults.find(({ file }) => basename(file, '.json') === name)
      if (fault !== undefined) return err(`The template ${fault.file} cannot be used: ${fault.message}`)
      return err(`There is no template "${name}". There are: ${templates.map((each) => each.name).join(', ')}.`)
    },
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith('.json'))
      .sort()
      .map((file) => join(folder, file))
  } catch (fault) {
    // Nobody has dropped anything yet.
    if ((fault as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw fault
  }
}

function readTemplate(name: string, file: string): Result<Template, string> {
  if (!NAME.test(name)) return err('Its name may have letters, digits, point, - and _ only. Rename it.')
  try {
    if (statSync(file).size > MAX_FILE_BYTES) return err(`It is larger than ${MAX_FILE_BYTES} bytes.`)
    return parseTemplate(name, JSON.parse(readFileSync(file, 'utf8')))
  } catch (fault) {
    return err(`It cannot be read: ${(fault as Error).message}`)
  }
}
