import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { planDocument } from '#contract/plan.ts'
import type { SampleProject } from '#contract/setup.ts'
import { resourceFolder } from '../resource-folder.ts'

let read: SampleProject | null = null

/** The project that a first run can be tried with (U3). A broken file is a broken installation, so it throws. */
export function sampleProject(): SampleProject {
  if (read === null) {
    const text = readFileSync(join(resourceFolder(), 'sample', 'first-project.yaml'), 'utf8')
    const document = planDocument.parse(parse(text))
    read = { requirements: `${document.title}. ${document.summary}`, document }
  }
  return read
}
