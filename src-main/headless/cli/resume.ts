import type { Project } from '#contract/project.ts'
import type { BatonClient } from '../baton-client.ts'
import { driveProject } from './drive.ts'
import { CommandFault, EXIT, type ExitCode, worstOf } from './exit-code.ts'
import { listenForInterrupt } from './interrupt.ts'
import { say } from './output.ts'
import { printable } from './printable.ts'
import { createProgress } from './progress.ts'
import { reportOutcome } from './report.ts'
import { parseBudget } from './run.ts'
import { withSession } from './session.ts'
import { setGoing } from './set-going.ts'
import { openLockedVault } from './vault.ts'

export interface ResumeFlags {
  readonly json?: boolean
  readonly yes?: boolean
  readonly budget?: string
}

const GOING = new Set<Project['state']>(['planning', 'awaiting_approval', 'executing', 'paused', 'waiting'])

/** A draft without any plan was interrupted between being written down and being planned; a rejected one has a plan. */
function canGoOn(project: Project): boolean {
  return GOING.has(project.state) || (project.state === 'draft' && project.plan_id === null)
}

async function openProjects({ api }: BatonClient): Promise<Project[]> {
  const found: Project[] = []
  let cursor: string | undefined
  do {
    const page = await api.projects.list(cursor === undefined ? {} : { cursor })
    found.push(...page.items.filter(canGoOn))
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined)
  return found.reverse()
}

/** `baton resume [PROJECT]` (X2): sets going what can go on, and follows it to its end. */
export function resume(id: string | undefined, flags: ResumeFlags): Promise<ExitCode> {
  const budget = flags.budget === undefined ? undefined : parseBudget(flags.budget)
  const json = flags.json ?? false
  // A project that was begun with the demo model goes on with it; no other is sent there.
  return withSession({ demo: true }, async (session) => {
    const { client } = session
    await openLockedVault(client)
    const projects = id === undefined ? await openProjects(client) : [await client.api.projects.get({ id })]
    if (projects.length === 0) {
      say('Nothing can go on: every project has ended.')
      return EXIT.done
    }
    if (id !== undefined && !projects.some(canGoOn)) {
      const state = projects[0]?.state ?? ''
      throw new CommandFault(`${id} is ${state.replace('_', ' ')}, so there is nothing to resume.`, EXIT.failed)
    }
    const interrupt = listenForInterrupt(() => say('\nStopping in order; press Ctrl+C again to end at once.'))
    const codes: ExitCode[] = []
    client.takeUp(projects.map((project) => project.id))
    try {
      for (const project of projects) {
        if (interrupt.signal.aborted) break
        if (!json && projects.length > 1) say(`\n${printable(project.name)}`)
        const { api } = session.client
        if (budget !== undefined) await api.projects.change({ id: project.id, budget_micros: budget })
        const { last_event_id } = await api.system.status()
        // Read anew: a raised limit sets it going by itself.
        await setGoing(api.projects, project.id)
        const outcome = await driveProject(session, project.id, last_event_id, {
          yes: flags.yes ?? false,
          json,
          interactive: process.stdin.isTTY && process.stderr.isTTY,
          interrupted: interrupt.signal,
          progress: createProgress(process.stderr, json),
        })
        await reportOutcome(session, outcome, json)
        codes.push(outcome.code)
      }
    } finally {
      interrupt.dispose()
    }
    return worstOf(codes)
  })
}
