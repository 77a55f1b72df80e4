import { useState } from 'react'
import { z } from 'zod'
import type { Project } from '#contract/project.ts'

const view = z.enum(['result', 'graph', 'board', 'timeline', 'files'])
export type View = z.infer<typeof view>

/** The chosen view of a project, kept for this tab; until one is chosen, the result of what ended, else the graph. */
export function useView(project: Project): [View, (next: View) => void] {
  const key = `baton.view.${project.id}`
  const [chosen, setChosen] = useState(() => view.safeParse(sessionStorage.getItem(key)).data)
  const choose = (next: View) => {
    setChosen(next)
    sessionStorage.setItem(key, next)
  }
  const fallback = project.result === null ? 'graph' : 'result'
  return [chosen === undefined || (chosen === 'result' && project.result === null) ? fallback : chosen, choose]
}
