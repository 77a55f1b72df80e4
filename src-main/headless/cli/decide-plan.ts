import { formatUsd } from '#contract/money.ts'
import type { Plan } from '#contract/plan.ts'
import type { Api } from '../baton-client.ts'
import { editPlan } from './edit-plan.ts'
import { textColumns } from './format.ts'
import { say } from './output.ts'
import { createPaint } from './paint.ts'
import { renderPlan } from './plan-table.ts'

/** `later`: nothing was decided; the plan waits. */
export type Decision = 'approved' | 'cancelled' | 'later' | 'interrupted'

async function askForEdit(api: Api, plan: Plan): Promise<Plan> {
  const { confirm, isCancel } = await import('@clack/prompts')
  let text: string | undefined
  for (;;) {
    const edited = await editPlan(api, plan, text)
    if (edited.ok) return edited.value
    say(edited.error.message)
    text = edited.error.text
    const again = await confirm({ message: 'Open the editor again?', output: process.stderr })
    if (isCancel(again) || !again) return plan
  }
}

/** Shows the plan and asks a person what to do with it; only approving it starts anything (P5). */
export async function decidePlan(api: Api, first: Plan, show: (plan: Plan) => void): Promise<Decision> {
  const { isCancel, select } = await import('@clack/prompts')
  for (let plan = first; ; ) {
    show(plan)
    const { upper_micros } = plan.estimate
    const answer = await select({
      message: 'What shall happen with this plan?',
      output: process.stderr,
      options: [
        {
          value: 'approve',
          label: upper_micros === 0 ? 'Approve, at no cost' : `Approve, up to ${formatUsd(upper_micros)}`,
        },
        { value: 'edit', label: 'Edit it', hint: 'opens $EDITOR' },
        { value: 'later', label: 'Decide later', hint: 'the project waits' },
        { value: 'cancel', label: 'Cancel the project' },
      ],
    })
    if (isCancel(answer)) return 'interrupted'
    if (answer === 'later') return 'later'
    if (answer === 'cancel') {
      await api.projects.cancel({ id: plan.project_id })
      return 'cancelled'
    }
    if (answer === 'approve') {
      await api.plans.approve({ id: plan.id, authorise_micros: upper_micros })
      return 'approved'
    }
    plan = await askForEdit(api, plan)
  }
}

/** The plan for a person to read, on `stream`. */
export function showPlan(plan: Plan, stream: NodeJS.WriteStream): void {
  stream.write(`${renderPlan(plan, createPaint(stream), textColumns(stream))}\n`)
}
