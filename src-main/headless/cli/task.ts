import type { Task } from '#contract/task.ts'
import type { Api } from '../baton-client.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { print, printJson, say } from './output.ts'
import { createPaint } from './paint.ts'
import { printable } from './printable.ts'
import { withClient } from './session.ts'
import { stateMark } from './state-mark.ts'

type Steer = (tasks: Api['tasks'], id: string) => Promise<Task>

/** What can be done about one task (E4, E10), as a person says it. */
const STEERS = {
  retry: (tasks, id) => tasks.retry({ id }),
  'retry-afresh': (tasks, id) => tasks.retry({ id, from: 'start' }),
  skip: (tasks, id) => tasks.skip({ id }),
  pause: (tasks, id) => tasks.pause({ id }),
  resume: (tasks, id) => tasks.resume({ id }),
  cancel: (tasks, id) => tasks.cancel({ id }),
  undo: (tasks, id) => tasks.undo({ id }),
} as const satisfies Record<string, Steer>

export type SteerName = keyof typeof STEERS

/** `baton task WHAT TASK`: does it, and shows what the task has become. */
export function task(what: SteerName, id: string, flags: { json?: boolean }): Promise<ExitCode> {
  return withClient({}, async ({ api, hosted }) => {
    const now = await STEERS[what](api.tasks, id)
    if (flags.json) printJson(now)
    else {
      const reason = now.reason === '' ? '' : `: ${printable(now.reason)}`
      print(
        `${stateMark(now.state, createPaint(process.stdout))} ${now.id} ${printable(now.title)}: ${now.state}${reason}`,
      )
    }
    // Nobody carries it out once this command has ended.
    const goesOn = now.state === 'ready' || now.state === 'running' || now.state === 'pending'
    if (hosted !== null && goesOn) say(`No Baton is running; let it go on with: baton resume ${now.project_id}`)
    return EXIT.done
  })
}
