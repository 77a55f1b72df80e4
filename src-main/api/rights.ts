import type { Contract } from '#contract/contract.ts'
import type { Scope } from '#contract/role.ts'

/**
 * What a call needs. `public`: nothing, not even a login. `of`: the field of its input that names a row of a project,
 * which must be there and be the caller's own (S6), unless the caller is an admin; absent where the call is about no project,
 * or its handler looks itself.
 */
export interface Right {
  readonly scope: Scope | 'public' | 'any'
  readonly of?: string
}

const open: Right = { scope: 'public' }
/** Any login will do. */
const any: Right = { scope: 'any' }
const read: Right = { scope: 'read' }
const write: Right = { scope: 'write' }
const admin: Right = { scope: 'admin' }
const work: Right = { scope: 'work' }
const readsOwn: Right = { scope: 'read', of: 'id' }
const changesOwn: Right = { scope: 'write', of: 'id' }

/** Who may make which call, on one page (S1, S6). A route that is not here does not compile. */
export const RIGHTS: { readonly [G in keyof Contract]: { readonly [R in keyof Contract[G]]: Right } } = {
  projects: {
    // The handler answers with the caller's own.
    list: read,
    create: write,
    sample: read,
    get: readsOwn,
    change: changesOwn,
    remove: changesOwn,
    plan: changesOwn,
    stopPlanning: changesOwn,
    start: changesOwn,
    pause: changesOwn,
    resume: changesOwn,
    cancel: changesOwn,
    retry: changesOwn,
    skip: changesOwn,
    plans: readsOwn,
    currentPlan: readsOwn,
    addPlan: changesOwn,
    tasks: readsOwn,
    artifacts: readsOwn,
    attempts: readsOwn,
    checkpoints: readsOwn,
    previewRestore: readsOwn,
    restore: changesOwn,
    artifact: readsOwn,
    image: readsOwn,
  },
  plans: {
    get: readsOwn,
    check: readsOwn,
    edit: changesOwn,
    approve: changesOwn,
    reject: changesOwn,
    comment: changesOwn,
    uncomment: changesOwn,
    revise: changesOwn,
  },
  tasks: {
    get: readsOwn,
    change: changesOwn,
    retry: changesOwn,
    cancel: changesOwn,
    skip: changesOwn,
    pause: changesOwn,
    resume: changesOwn,
    atOnce: changesOwn,
    diff: readsOwn,
    undo: changesOwn,
    runs: readsOwn,
  },
  runs: {
    list: read,
    create: write,
    cancel: changesOwn,
    get: readsOwn,
    events: readsOwn,
    steps: readsOwn,
    timeline: readsOwn,
    context: readsOwn,
  },
  jobs: {
    dispatch: write,
    list: read,
    get: readsOwn,
    cancel: changesOwn,
    // Whose jobs a worker may have is decided by the handler: workers of the machine take everybody's.
    claim: work,
    report: work,
    events: readsOwn,
  },
  approvals: { list: read, decide: changesOwn },
  // Trusting a server starts a program of this machine, and may hand it variables of Baton's environment.
  mcp: { list: readsOwn, put: admin, approve: admin, remove: changesOwn },
  events: { list: read, stream: read },
  budgets: { get: read, set: admin },
  usage: { list: read, summary: read, correct: admin },
  services: {
    list: read,
    check: write,
    restart: admin,
    stop: admin,
    // A server's words, and the command that starts it, tell of the machine.
    log: admin,
    setStart: admin,
    gpu: read,
    imageTemplates: read,
    setup: admin,
  },
  models: {
    list: read,
    put: admin,
    remove: admin,
    loaded: read,
    outcomes: read,
    forgetOutcomes: admin,
    pulls: read,
    pull: admin,
    cancelPull: admin,
    keys: admin,
    setKey: admin,
    removeKey: admin,
    vault: admin,
    openVault: admin,
  },
  settings: { get: read, change: admin, fixed: read },
  archives: {
    export: { scope: 'read', of: 'project_id' },
    // Transfers have ids that cannot be guessed, and only who began one knows its id.
    read,
    discard: read,
    begin: write,
    append: write,
    finish: write,
    abandon: write,
  },
  knowledge: {
    status: admin,
    // Others than admins name a project of theirs, and are told of it and of what is everybody's.
    list: { scope: 'read', of: 'project_id' },
    search: { scope: 'read', of: 'project_id' },
    // A path of this machine is its owner's to give.
    add: admin,
    upload: { scope: 'write', of: 'project_id' },
    get: readsOwn,
    change: changesOwn,
    refresh: changesOwn,
    remove: changesOwn,
    files: readsOwn,
    text: admin,
  },
  backups: { list: admin, create: admin, verify: admin },
  locks: { list: work, acquire: work, release: work, extend: work, stats: work },
  auth: { register: open, login: open, refresh: open, logout: any, me: any, changePassword: any },
  users: {
    list: admin,
    change: admin,
    invites: admin,
    invite: admin,
    removeInvite: admin,
    tokens: admin,
    createToken: admin,
    revokeToken: admin,
    audit: admin,
  },
  // A URL is told what happens in all projects, and a secret lets somebody speak for workers.
  webhooks: {
    list: admin,
    create: admin,
    change: admin,
    remove: admin,
    rotate: admin,
    test: admin,
    deliveries: admin,
    redeliver: admin,
    secrets: admin,
    addSecret: admin,
    removeSecret: admin,
  },
  system: { health: open, status: read, pauseAll: admin, resumeAll: admin, cancelAll: admin },
}

/** The right that a route needs; `path` as the contract nests it. */
export function rightOf(path: readonly string[]): Right {
  const [group = '', name = ''] = path
  const groups: Readonly<Record<string, Readonly<Record<string, Right>>>> = RIGHTS
  const right = groups[group]?.[name]
  if (right === undefined) throw new Error(`The route ${path.join('.')} has no right.`)
  return right
}
