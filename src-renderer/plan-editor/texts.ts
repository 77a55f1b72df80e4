import type { EstimateBasis, EstimateErrors, PlanEstimate, Sureness, TaskEstimate } from '#contract/plan.ts'
import { counted, money, signedPercent } from '../texts/figures.ts'
import type { PlanComparison, TaskComparison } from './version-diff.ts'

const SURENESS: Readonly<Record<Sureness, string>> = {
  guess: 'A first guess',
  rough: 'Rough',
  fair: 'Fairly sure',
  good: 'Sure',
}

/** What a task is like, by the class that its estimate is based on. */
const BASIS: Readonly<Record<EstimateBasis, string>> = {
  model: 'of this type, complexity and model',
  kind: 'of this type, complexity and tier',
  complexity: 'of this complexity and tier',
  default: '',
}

/** Words of the plan editor. */
export const planTexts = {
  title: 'Plan',
  views: { table: 'Table', graph: 'Graph', text: 'JSON' },
  approve: (micros: number) => (micros === 0 ? 'Approve, at no cost' : `Approve, up to ${money(micros)}`),
  approveBlocked: (problems: number) => `Set right ${counted(problems, 'problem')} first.`,
  approveChecking: 'Baton is still checking the last edit.',
  approveText: 'The JSON cannot be read yet: set it right or discard it first.',
  approved: 'Approved. The project is running.',
  reject: 'Reject',
  rejectTitle: 'Reject this plan?',
  rejectWhy:
    'A project that runs already goes on by its approved plan; another goes back to its draft. All versions are kept, and you can plan again.',
  rejectNote: 'Why (kept with the plan)',
  revise: 'Ask for a revision',
  reviseTitle: 'Ask for a revision',
  reviseLabel: 'What should be different?',
  reviseHint: (comments: number) =>
    `The planner gets this plan, your note${comments === 0 ? '' : ` and ${counted(comments, 'comment')} on its tasks`}, and proposes the next version. Nothing runs meanwhile.`,
  reviseDirty: 'Your unsaved edits are saved first, so that the planner sees them.',
  reviseSend: 'Send to the planner',
  save: (version: number) => `Save as version ${version}`,
  saved: (version: number) => `Saved as version ${version}.`,
  discard: 'Discard edits',
  discardTitle: 'Discard your edits?',
  discardWhy: (version: number) => `The plan reads again as version ${version} does. Ctrl-Z brings the edits back.`,
  unsaved: 'Unsaved edits are kept in this window until you save or approve.',
  keys: 'Arrows move, digits jump; Shift-arrows, Space and Ctrl-A choose. Enter edits a cell, E all fields, C comments. Tab: wait for the task above; Shift-Tab not. A adds, Ctrl-D duplicates, Delete removes, Alt-arrows reorder, Ctrl-Z undoes, Ctrl-S saves, Esc leaves.',
  graphHint:
    'Drag from the right edge of a task to another to make it wait. Double-click a line to remove it. Ctrl-click chooses several, Shift-drag a box of them.',
  drag: 'Drag between rows to reorder, onto a cell under After to make that task wait',
  choose: (key: string, title: string) => `Choose ${key}: ${title}`,
  chooseAll: 'Choose all tasks',
  bulk: {
    label: (count: number) => `${counted(count, 'task')} chosen`,
    tier: 'Tier',
    size: 'Size',
    type: 'Type',
    differs: 'differs',
    waits: 'They wait for',
    addWait: 'All wait for',
    tools: 'Tools they have',
    addTool: 'Give all a tool',
    checks: 'Done when',
    addCheck: 'Done when (added to all)',
    verifyHint: 'The same for all; empty: none, or different ones.',
    enter: 'Enter adds it',
    share: (count: number, all: number) => (count === all ? 'all' : `${count} of ${all}`),
    takeFromAll: (entry: string) => `Take ${entry} from all`,
    chain: 'One after another',
    duplicate: 'Duplicate',
    remove: 'Remove',
  },
  /** Two versions side by side. */
  diff: {
    title: 'Compare versions of the plan',
    from: 'From',
    to: 'To',
    now: 'As edited now',
    sources: { model: 'by the planner', user: 'by hand', file: 'from a file' },
    field: 'What',
    task: 'The task',
    planTitle: 'Title of the plan',
    planSummary: 'Summary',
    kinds: { added: 'Added', removed: 'Removed', changed: 'Changed' },
    fields: {
      title: 'Title',
      description: 'Description',
      type: 'Type',
      complexity: 'Size',
      tier: 'Tier',
      tools: 'Tools',
      depends_on: 'After',
      acceptance: 'Done when',
      verify_command: 'Check by command',
      write_scope: 'May write in',
      hosts: 'May reach',
      artifacts: 'Files',
    },
    gone: 'no longer',
    fresh: 'new',
    nothing: 'nothing',
    byRouting: 'by routing',
    waitsForNothing: 'waits for nothing',
    waitsFor: (keys: readonly string[]) => `after ${keys.join(', ')}`,
    with: (tools: readonly string[]) => `with ${tools.join(', ')}`,
    summary: ({ tasks, same, isReordered, dependencies, title, summary }: PlanComparison) => {
      const count = (kind: TaskComparison['kind']) => tasks.filter((task) => task.kind === kind).length
      if (tasks.length === 0 && !isReordered && title === null && summary === null) return 'Nothing differs.'
      const order = isReordered ? ' Tasks stand in another order.' : ''
      return `${counted(count('added'), 'task')} added, ${count('removed')} removed, ${count('changed')} changed, ${same} the same. ${counted(dependencies.added, 'dependency', 'dependencies')} added, ${dependencies.removed} removed.${order}`
    },
    estimate: (before: string | null, after: string | null) => {
      const none = 'none while the plan has problems'
      return before === after
        ? `Estimate: ${after ?? none}, in both.`
        : `Estimate: from ${before ?? none} to ${after ?? none}.`
    },
  },
  comments: {
    on: (version: number) => `Comments on version ${version}`,
    count: (count: number) => counted(count, 'comment'),
    of: (key: string) => `Comments on ${key}`,
    label: (key: string) => `Comment on ${key}`,
    hint: 'Kept with this version; the planner gets it when you ask for a revision. Ctrl-Enter sends.',
    send: 'Comment',
    remove: 'Take this comment back',
    unsaved: 'Save the plan as a new version to comment on this task: comments belong to saved versions.',
  },
  aside: 'What is chosen',
  noTask: 'Select a task to see and change all of it.',
  estimate: {
    label: 'Estimate',
    cost: 'Cost',
    time: 'Time',
    tokens: 'Tokens',
    likely: (text: string) => `likely ${text}`,
    errors: (errors: EstimateErrors | null) =>
      errors === null
        ? 'no past estimate to compare with'
        : `of the last ${counted(errors.estimates, 'estimate')} ${errors.held} held, median error ${signedPercent(errors.median_error)}`,
    sure: ({ sureness, samples, calibrated_by }: PlanEstimate) =>
      samples === 0 && calibrated_by === 0
        ? `${SURENESS[sureness]}: nothing like it was done on this machine yet. Four of five should end within the bar.`
        : `${SURENESS[sureness]}: based on ${counted(samples, 'like task')}, set right by ${counted(calibrated_by, 'finished project')}. Four of five should end within the bar.`,
    byTier: (tiers: string) => `Likely tokens by tier: ${tiers}`,
    authorises: ({ upper_micros, call_micros }: PlanEstimate) =>
      `Approving allows ${money(upper_micros)}, which should do for 49 of 50 such projects; ${money(call_micros)} of it is room for the last call. Beyond it Baton asks again.`,
    basis: ({ basis, samples }: TaskEstimate) =>
      basis === 'default' ? 'assumed, no like task yet' : `from ${counted(samples, 'task')} ${BASIS[basis]}`,
  },
  /** Changing the plan of a project whose tasks go on. */
  change: {
    change: 'Change the plan',
    ask: 'Ask the planner for a new plan',
    askHint:
      'The planner gets the tasks as they are now, what finished and how, and your note. The project goes on by the approved plan until you approve the new one.',
    planning: 'The planner is writing a new version. The project goes on by the approved plan.',
    stopPlanning: 'Stop planning',
    failed: (reason: string) => `No new version was made. ${reason}`,
    stop: 'Stop changing',
    propose: 'Save as a proposal',
    nothing: 'Nothing is changed yet.',
    goesOn: 'The project goes on by the approved plan until you approve this one.',
    summary: 'What the change does',
    counts: (kept: number, changed: number, added: number, removed: number) =>
      `Keeps ${counted(kept, 'finished task')}, changes ${changed}, adds ${added}, removes ${removed}.`,
    stopped: (titles: readonly string[]) =>
      `Approving stops what runs now: ${titles.join(', ')}. What it cost stays booked.`,
    touched: (titles: readonly string[]) => `Finished meanwhile, so it stays as it is: ${titles.join(', ')}.`,
    putBack: 'Put back',
    fixed: (title: string) => `“${title}” has finished, so it stays as it is. Add a task for what is to be different.`,
    locked: 'Finished: it stays as it is',
  },
  readOnly: {
    approved: 'This version is approved. What it became is on the project page.',
    rejected: 'This version was rejected. It can be read and compared, and another can be planned.',
    superseded: 'A newer version has taken the place of this one.',
  },
  form: {
    label: (key: string) => `Details of ${key}`,
    description: 'Description',
    acceptance: 'Done when',
    perLine: 'One per line.',
    verify: 'Check by command',
    verifyHint: 'Runs in the sandbox; the task is verified when it exits with 0.',
    artifacts: 'Files it leaves behind',
    tools: 'Tools',
    toolsHint: 'Names, separated by commas.',
    scope: 'May write in',
    scopeHint: 'Paths, one per line. Empty: the whole workspace.',
    hosts: 'May reach on the internet',
    hostsHint: 'Hosts, one per line, also for its commands: example.com, *.example.com. Empty: none without asking.',
  },
  tools: {
    add: 'Add a task below',
    duplicate: 'Duplicate',
    split: 'Split in two, one after the other',
    remove: 'Remove; what waited for it waits for what it waited for',
    up: 'Move up',
    down: 'Move down',
    indent: 'Wait for the task above',
    outdent: 'No longer wait for the task above',
    undo: 'Undo',
    redo: 'Redo',
    order: 'Sort by dependencies',
  },
  problems: (count: number) => counted(count, 'problem'),
  noProblems: 'No problems',
  checking: 'Checking …',
  repairs: (count: number) => `Baton set ${counted(count, 'thing')} right`,
  versions: (version: number) => `Version ${version}`,
  text: {
    label: 'Plan as JSON',
    hint: 'JSON or YAML. What can be read goes into the plan as you type.',
    open: 'Open a file',
    download: 'Save as a file',
    copy: 'Copy',
    copied: 'Copied.',
    fine: 'Reads well.',
    line: (line: number) => `Line ${line}`,
    tooLarge: 'This file has more than 10 MB; a plan has far less.',
  },
  empty: {
    draft: 'No plan yet',
    draftWhy: 'A model turns the requirements into tasks; you change and approve them before anything runs.',
    plan: 'Plan it',
    byHand: 'Write it by hand',
    planning: 'The plan is being written',
    planningWhy: 'This takes a minute or two. You can leave this page; the plan waits for you.',
    failed: 'There is no plan',
    failedWhy: 'Change the requirements, try again, or write the plan by hand.',
    again: 'Plan again',
    stop: 'Stop planning',
    waiting: 'Planning waits',
    goOn: 'Go on',
    limits: 'Change the limits',
  },
} as const
