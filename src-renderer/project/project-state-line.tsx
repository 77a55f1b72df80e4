import type { Project } from '#contract/project.ts'
import { StateShape } from '../parts/state-shape.tsx'
import { stateTexts } from '../texts/states.ts'
import { projectTexts } from './texts.ts'
import { useShownState } from './use-shown-state.ts'

/** The project's state in words, and why it does not move; where everything is paused, a project says so too. */
export function ProjectStateLine({ project, withReason }: { project: Project; withReason: boolean }) {
  const state = useShownState()(project)
  const reason = state === project.state ? project.reason : projectTexts.pausedWithAll
  return (
    <span className="flex items-center gap-1.5">
      <StateShape state={state} label={false} />
      <span title={reason}>
        {stateTexts[state]}
        {reason !== '' && withReason && <span className="text-ink-3">. {reason}</span>}
      </span>
    </span>
  )
}
