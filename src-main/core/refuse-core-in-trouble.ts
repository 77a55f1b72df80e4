import type { Core } from './core.ts'
import { refuseInTrouble } from './refuse-in-trouble.ts'

/** Core, each of whose changes answers with a refusal where the disk does not take it (D4). `report` is told of the fault. */
export function refuseCoreInTrouble(core: Core, report: (cause: unknown) => void): Core {
  return {
    ...core,
    projects: refuseInTrouble(core.projects, report),
    plans: refuseInTrouble(core.plans, report),
    tasks: refuseInTrouble(core.tasks, report),
    runs: refuseInTrouble(core.runs, report),
    jobs: refuseInTrouble(core.jobs, report),
    webhooks: refuseInTrouble(core.webhooks, report),
    mcp: refuseInTrouble(core.mcp, report),
    budget: refuseInTrouble(core.budget, report),
    usage: refuseInTrouble(core.usage, report),
    services: refuseInTrouble(core.services, report),
    models: refuseInTrouble(core.models, report),
    settings: refuseInTrouble(core.settings, report),
    archives: refuseInTrouble(core.archives, report),
    knowledge: refuseInTrouble(core.knowledge, report),
    locks: refuseInTrouble(core.locks, report),
    // Who somebody is is not answered as a result, so nothing can stand in for it.
    identity: { ...refuseInTrouble(core.identity, report), callerOf: core.identity.callerOf },
    system: refuseInTrouble(core.system, report),
  }
}
