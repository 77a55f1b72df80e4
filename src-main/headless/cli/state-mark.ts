import type { Task } from '#contract/task.ts'
import type { Paint } from './paint.ts'

/** State as a shape and a colour, so that it reads without colours too. */
export function stateMark(state: Task['state'], paint: Paint): string {
  switch (state) {
    case 'succeeded':
      return paint.good('✓')
    case 'failed':
      return paint.bad('✗')
    case 'running':
      return paint.local('●')
    case 'waiting':
      return paint.waiting('◷')
    case 'blocked':
      return paint.bad('▬')
    case 'skipped':
      return paint.dim('–')
    case 'cancelled':
      return paint.dim('⊘')
    case 'ready':
    case 'pending':
      return paint.dim('·')
  }
}
