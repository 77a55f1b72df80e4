import { projectId } from '#contract/ids.ts'
import { project } from '#contract/project.ts'
import type { Core } from '#core/core.ts'

/** An answer of 200 as it goes to the line. */
export interface KnownAnswer {
  /** As limits and metrics know it. */
  readonly route: string
  readonly json: string
  readonly bytes: number
}

/** The answer to a GET of `path`, without a query, for the owner of the data folder; null where the contract is to give it. */
export type KnownReads = (path: string) => KnownAnswer | null

const PROJECT_PATH = '/api/projects/'

/**
 * What is asked again and again while work goes on. Core gives the same object until a project has changed, so that its
 * output is checked and written as JSON once, and not for each who asks: that is two thirds of what such a read costs beyond
 * the line. Only for the owner, to whom the contract refuses nothing and whose calls are not counted; whatever is not simply
 * there, is null.
 */
export function createKnownReads(core: Core): KnownReads {
  const answers = new WeakMap<object, KnownAnswer>()
  return (path) => {
    if (!path.startsWith(PROJECT_PATH)) return null
    // Core reads longer ids than the contract takes.
    const id = projectId.safeParse(path.slice(PROJECT_PATH.length))
    if (!id.success) return null
    const found = core.projects.get(id.data)
    if (!found.ok) return null
    const known = answers.get(found.value)
    if (known !== undefined) return known
    const checked = project.safeParse(found.value)
    if (!checked.success) return null
    const json = JSON.stringify(checked.data)
    const answer = { route: 'projects.get', json, bytes: Buffer.byteLength(json) }
    answers.set(found.value, answer)
    return answer
  }
}
