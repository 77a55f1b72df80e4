import { Argument, type Command } from 'commander'
import type { AskFlags } from '../cli/ask.ts'
import type { DemoFlags } from '../cli/demo.ts'
import type { JobsFlags } from '../cli/jobs.ts'
import type { ReplanFlags } from '../cli/replan.ts'
import type { ResumeFlags } from '../cli/resume.ts'
import type { RunFlags } from '../cli/run.ts'
import type { ServeFlags } from '../cli/serve.ts'
import type { SteerName } from '../cli/task.ts'
import type { Ended } from './flags.ts'

/** Named here too, so that a command loads its own code alone. */
const STEERS: SteerName[] = ['retry', 'retry-afresh', 'skip', 'pause', 'resume', 'cancel', 'undo']

const EXIT_CODES = `
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 stopped by the budget, 4 needs your approval, 130 interrupted.`

/** Has work planned and done, and shows it. */
export function addWorkCommands(program: Command, ended: Ended): void {
  program
    .command('run')
    .description('plan what you want, ask for approval, and do it')
    .argument('<requirements>', 'what you want, a plan file (.yaml, .json), or - for standard input')
    .option('-f, --file <path...>', 'attach a text file')
    .option('-y, --yes', 'approve the plan without asking')
    .option('-b, --budget <usd>', 'spend at most this much on it')
    .option('--local-only', 'send nothing to a paid model')
    .option('--can-wait', 'let its calls wait up to a day for batches, at half the price')
    .option('-p, --profile <name>', 'use this model profile for everything (demo: no AI)')
    .option('-w, --workspace <dir>', 'work in this folder instead of a new one')
    .option('--json', 'one JSON object per line on stdout, the result last')
    .addHelpText('after', EXIT_CODES)
    .action(async (text: string, flags: RunFlags) => ended(await (await import('../cli/run.ts')).run(text, flags)))
  program
    .command('ask')
    .description('have one prompt answered, without a plan to approve; what it may cost is approved by asking')
    .argument('<prompt>', 'what you want')
    .option('-b, --budget <usd>', 'spend at most this much on it')
    .option('--local-only', 'send nothing to a paid model')
    .option('-p, --profile <name>', 'use this model profile for everything (demo: no AI)')
    .option('--with <name=value...>', 'a constraint for the model, such as max_days=5')
    .option('--json', 'one JSON object per line on stdout, the result last')
    .addHelpText('after', EXIT_CODES)
    .action(async (prompt: string, flags: AskFlags) => ended(await (await import('../cli/ask.ts')).ask(prompt, flags)))
  program
    .command('runs')
    .description('list what was asked, newest first')
    .option('--limit <number>', 'how many at most')
    .option('--json', 'one JSON object per line')
    .action(async (flags: { json?: boolean; limit?: string }) =>
      ended(await (await import('../cli/runs.ts')).runs(flags)),
    )
  program
    .command('jobs')
    .description('list the jobs that programs handed over, newest first, or cancel one')
    .option('--core <name>', 'only those of this core')
    .option('--cancel <id>', 'cancel a job')
    .option('--limit <number>', 'how many at most')
    .option('--json', 'one JSON object per line')
    .action(async (flags: JobsFlags) => ended(await (await import('../cli/jobs.ts')).jobs(flags)))
  program
    .command('resume')
    .description('go on with what was paused, stopped or interrupted')
    .argument('[project]', 'its id; without one, everything that can go on')
    .option('-y, --yes', 'approve a waiting plan without asking')
    .option('-b, --budget <usd>', 'raise (or set) what may be spent on it')
    .option('--json', 'one JSON object per line on stdout, the result last')
    .addHelpText('after', EXIT_CODES)
    .action(async (id: string | undefined, flags: ResumeFlags) =>
      ended(await (await import('../cli/resume.ts')).resume(id, flags)),
    )
  program
    .command('replan')
    .description('change the plan of a project while its tasks go on; without an option, print the plan as it is now')
    .argument('<project>', 'its id, as baton projects shows it')
    .option('-f, --file <plan>', 'propose this plan (YAML or JSON)')
    .option('-n, --note <text>', 'have the planner propose one that heeds this')
    .option('-y, --yes', 'approve it without asking')
    .option('--json', 'one JSON object per line on stdout, the result last')
    .addHelpText('after', EXIT_CODES)
    .action(async (id: string, flags: ReplanFlags) => ended(await (await import('../cli/replan.ts')).replan(id, flags)))
  program
    .command('serve')
    .description('serve the UI and the REST port on loopback')
    .option('--port <number>', 'port to listen on; 0 takes a free one')
    .option('--data <dir>', 'data folder')
    .option('--open', 'open the UI in a browser')
    .action(async (flags: ServeFlags) => ended(await (await import('../cli/serve.ts')).serve(flags)))
  program
    .command('demo')
    .description('do a sample job with the demo model: no AI, no network, no cost')
    .option('--real', 'use the models that are found instead; asks before it spends')
    .option('--open-ui', 'watch it in a browser')
    .option('--pace <ms>', 'pause of the demo model between pieces of its output')
    .option('-y, --yes', 'with --real: approve the plan without asking')
    .option('--json', 'one JSON object per line on stdout, the result last')
    .action(async (flags: DemoFlags) => ended(await (await import('../cli/demo.ts')).demo(flags)))
  program
    .command('projects')
    .description('list projects')
    .option('--limit <number>', 'how many at most')
    .option('--json', 'one JSON object per line')
    .action(async (flags: { json?: boolean; limit?: string }) =>
      ended(await (await import('../cli/projects.ts')).projects(flags)),
    )
  program
    .command('tasks')
    .description('list the tasks of a project')
    .argument('[project]', 'its id; without one, the newest')
    .option('--json', 'one JSON object per line')
    .action(async (id: string | undefined, flags: { json?: boolean }) =>
      ended(await (await import('../cli/tasks.ts')).tasks(id, flags)),
    )
  program
    .command('task')
    .description('retry, skip, pause, resume, cancel or undo one task')
    .addArgument(
      new Argument('<what>', 'what to do; retry keeps the steps that are done, undo puts its files back').choices(
        STEERS,
      ),
    )
    .argument('<task>', 'its id, as baton tasks shows it')
    .option('--json', 'the task as a JSON object')
    .action(async (what: SteerName, id: string, flags: { json?: boolean }) =>
      ended(await (await import('../cli/task.ts')).task(what, id, flags)),
    )
}
