import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { type Role, role, scope } from '#contract/identity.ts'
import { batonVersion } from '#http/installation.ts'
import type { ApprovalFlags } from './cli/approvals.ts'
import type { AskFlags } from './cli/ask.ts'
import type { BackupFlags } from './cli/backup.ts'
import type { DemoFlags } from './cli/demo.ts'
import type { AddWebhookFlags, EditWebhookFlags, RotateWebhookFlags } from './cli/edit-webhooks.ts'
import { CommandFault, EXIT, type ExitCode, exitCodeOf } from './cli/exit-code.ts'
import type { ExportFlags } from './cli/export.ts'
import type { AddSenderFlags } from './cli/incoming-webhooks.ts'
import type { JobsFlags } from './cli/jobs.ts'
import type { KnowledgeFlags } from './cli/knowledge.ts'
import type { McpFlags } from './cli/mcp.ts'
import { say } from './cli/output.ts'
import type { ReplanFlags } from './cli/replan.ts'
import type { ResumeFlags } from './cli/resume.ts'
import type { RunFlags } from './cli/run.ts'
import type { ServeFlags } from './cli/serve.ts'
import type { StartFlags } from './cli/service-actions.ts'
import type { NewTokenFlags } from './cli/tokens.ts'
import type { UsageFlags } from './cli/usage.ts'
import type { UserChangeFlags } from './cli/users.ts'
import type { DeliveriesFlags } from './cli/webhooks.ts'

const EXIT_CODES = `
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 stopped by the budget, 4 needs your approval, 130 interrupted.`

interface JsonFlag {
  readonly json?: boolean
}

function wholeNumber(text: string): number {
  if (!/^\d{1,7}$/.test(text) || Number(text) < 1) throw new InvalidArgumentError('It must be a whole number from 1.')
  return Number(text)
}

function daysOrNever(text: string): number | 'never' {
  return text === 'never' ? text : wholeNumber(text)
}

/** What a webhook is told of. Which names there are is read where they are needed, so that other commands start fast. */
function toldOf(): Option {
  return new Option(
    '--event <event...>',
    'what it is told of, such as task.failed project.state, or "*" for everything',
  )
}

const edits = () => import('./cli/edit-webhooks.ts')
const incoming = () => import('./cli/incoming-webhooks.ts')

/** Commands load their own code when they are called, so that each starts fast. */
function createProgram(ended: (code: ExitCode) => void): Command {
  const program = new Command('baton')
    .description('Turns what you write down into a plan, and an approved plan into finished, verified work.')
    .version(batonVersion())
    .exitOverride()
    .showHelpAfterError('(baton --help shows what there is)')
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
    .action(async (text: string, flags: RunFlags) => ended(await (await import('./cli/run.ts')).run(text, flags)))
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
    .action(async (prompt: string, flags: AskFlags) => ended(await (await import('./cli/ask.ts')).ask(prompt, flags)))
  program
    .command('runs')
    .description('list what was asked, newest first')
    .option('--limit <number>', 'how many at most')
    .option('--json', 'one JSON object per line')
    .action(async (flags: { json?: boolean; limit?: string }) =>
      ended(await (await import('./cli/runs.ts')).runs(flags)),
    )
  program
    .command('jobs')
    .description('list the jobs that programs handed over, newest first, or cancel one')
    .option('--core <name>', 'only those of this core')
    .option('--cancel <id>', 'cancel a job')
    .option('--limit <number>', 'how many at most')
    .option('--json', 'one JSON object per line')
    .action(async (flags: JobsFlags) => ended(await (await import('./cli/jobs.ts')).jobs(flags)))
  program
    .command('resume')
    .description('go on with what was paused, stopped or interrupted')
    .argument('[project]', 'its id; without one, everything that can go on')
    .option('-y, --yes', 'approve a waiting plan without asking')
    .option('-b, --budget <usd>', 'raise (or set) what may be spent on it')
    .option('--json', 'one JSON object per line on stdout, the result last')
    .addHelpText('after', EXIT_CODES)
    .action(async (id: string | undefined, flags: ResumeFlags) =>
      ended(await (await import('./cli/resume.ts')).resume(id, flags)),
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
    .action(async (id: string, flags: ReplanFlags) => ended(await (await import('./cli/replan.ts')).replan(id, flags)))
  program
    .command('serve')
    .description('serve the UI and the REST port on loopback')
    .option('--port <number>', 'port to listen on; 0 takes a free one')
    .option('--data <dir>', 'data folder')
    .option('--open', 'open the UI in a browser')
    .action(async (flags: ServeFlags) => ended(await (await import('./cli/serve.ts')).serve(flags)))
  program
    .command('demo')
    .description('do a sample job with the demo model: no AI, no network, no cost')
    .option('--real', 'use the models that are found instead; asks before it spends')
    .option('--open-ui', 'watch it in a browser')
    .option('--pace <ms>', 'pause of the demo model between pieces of its output')
    .option('-y, --yes', 'with --real: approve the plan without asking')
    .option('--json', 'one JSON object per line on stdout, the result last')
    .action(async (flags: DemoFlags) => ended(await (await import('./cli/demo.ts')).demo(flags)))
  program
    .command('projects')
    .description('list projects')
    .option('--limit <number>', 'how many at most')
    .option('--json', 'one JSON object per line')
    .action(async (flags: { json?: boolean; limit?: string }) =>
      ended(await (await import('./cli/projects.ts')).projects(flags)),
    )
  program
    .command('tasks')
    .description('list the tasks of a project')
    .argument('[project]', 'its id; without one, the newest')
    .option('--json', 'one JSON object per line')
    .action(async (id: string | undefined, flags: { json?: boolean }) =>
      ended(await (await import('./cli/tasks.ts')).tasks(id, flags)),
    )
  const usage = program
    .command('usage')
    .description('show what was used and spent')
    .option('--by <group>', 'day, month, project, model, task or tier')
    .option('--project <id>', 'of one project')
    .option('--csv', 'every call as CSV')
    .option('--json', 'one JSON object')
    .action(async (flags: UsageFlags) => ended(await (await import('./cli/usage.ts')).usage(flags)))
  usage
    .command('correct')
    .description('say what an unconfirmed call really cost')
    .argument('<call>', 'its number, as baton usage shows it')
    .argument('<usd>', 'what your provider billed for it')
    .option('--json', 'one JSON object')
    // `usage` knows --json too and takes it for itself, wherever it stands.
    .action(async (call: string, usd: string, _: unknown, command: Command) =>
      ended(
        await (await import('./cli/correct-usage.ts')).correctUsage(call, usd, {
          json: command.optsWithGlobals<{ json?: boolean }>().json === true,
        }),
      ),
    )
  const models = program
    .command('models')
    .description('list the models that work can be sent to, and what is loaded')
    .option('--json', 'one JSON object per line')
    .action(async (flags: { json?: boolean }) => ended(await (await import('./cli/models.ts')).models(flags)))
  models
    .command('pull')
    .description('have Ollama fetch a model')
    .argument('<model>', 'its name at ollama.com/library, such as llama3.2 or qwen3:8b')
    .option('--json', 'one JSON object per line')
    .action(async (model: string, _: unknown, command: Command) =>
      ended(
        await (await import('./cli/pull-model.ts')).pullModel(model, {
          json: command.optsWithGlobals<{ json?: boolean }>().json === true,
        }),
      ),
    )
  const services = program
    .command('services')
    .description('show how Ollama, ComfyUI and the providers are, and who has the graphics card')
    .option('--check', 'ask each of them now')
    .option('--json', 'one JSON object per line')
    .action(async (flags: { json?: boolean; check?: boolean }) =>
      ended(await (await import('./cli/services.ts')).services(flags)),
    )
  services
    .command('restart')
    .description('restart a server that Baton has started, or start one that does not run')
    .argument('<name>', 'ollama, comfyui, lmstudio, llamacpp or vllm')
    .option('--consent', 'have a server that somebody else has started unload its models')
    .option('--json', 'one JSON object')
    .action(async (name: string, flags: { consent?: boolean }, command: Command) =>
      ended(
        await (await import('./cli/service-actions.ts')).restartService(name, {
          ...flags,
          json: command.optsWithGlobals<{ json?: boolean }>().json === true,
        }),
      ),
    )
  services
    .command('stop')
    .description('end a server that Baton has started')
    .argument('<name>')
    .option('--json', 'one JSON object')
    .action(async (name: string, _: unknown, command: Command) =>
      ended(
        await (await import('./cli/service-actions.ts')).stopService(name, {
          json: command.optsWithGlobals<{ json?: boolean }>().json === true,
        }),
      ),
    )
  services
    .command('log')
    .description('show the last lines of a server that Baton has started')
    .argument('<name>')
    .action(async (name: string) => ended(await (await import('./cli/service-actions.ts')).serviceLog(name)))
  services
    .command('start-with')
    .description('say how Baton starts a server: a program and its arguments, which no shell reads')
    .argument('<name>', 'ollama, comfyui, lmstudio, llamacpp or vllm')
    .argument('[command...]', 'such as: ollama serve; put -- before it where it has options')
    .option('--when <when>', 'by_hand, on_demand (without it) or at_start')
    .option('--folder <dir>', 'where it is started, absolute')
    .option('--none', 'do not start it any more')
    .action(async (name: string, words: string[], flags: StartFlags) =>
      ended(await (await import('./cli/service-actions.ts')).setStartCommand(name, words, flags)),
    )
  program
    .command('approvals')
    .description('show what waits for your approval, or answer')
    .option('--allow <id>', 'let it be done')
    .option('--deny <id>', 'do not let it be done')
    .option('--answer <id>', 'answer a question, with --note')
    .addOption(new Option('--for <scope>', 'how far the answer holds').choices(['once', 'task', 'project']))
    .option('--note <text>', 'the answer, or what the model is told with a denial')
    .option('--json', 'one JSON object per line')
    .action(async (flags: ApprovalFlags) => ended(await (await import('./cli/approvals.ts')).approvals(flags)))
  program
    .command('mcp <project>')
    .description('list the MCP servers of a project, add, trust or remove one')
    .option('--add <name>', 'add or change a server, with --setup')
    .option('--setup <file>', 'JSON: {"config": {"command": …, "args": […]}, "hosts": […], …}')
    .option('--take <name>', 'take over a server that .mcp.json of the workspace offers')
    .option('--approve <name>', 'trust a server, and let it do what its line says')
    .option('--remove <name>', 'remove a server')
    .option('--json', 'as one JSON object')
    .action(async (project: string, flags: McpFlags) => ended(await (await import('./cli/mcp.ts')).mcp(project, flags)))
  program
    .command('locks')
    .description('list what is locked, by whom, and who waits')
    .option('--json', 'one JSON object per line')
    .action(async (flags: { json?: boolean }) => ended(await (await import('./cli/locks.ts')).locks(flags)))
  const knowledge = program
    .command('knowledge')
    .description('files to search in: list them, add, search, remove')
    .option('-p, --project <id>', 'of this project and of everybody; without it, everything')
    .option('--json', 'one JSON object per line')
    .action(async (flags: KnowledgeFlags) => ended(await (await import('./cli/knowledge.ts')).listKnowledge(flags)))
  /** What the command above it knows too, and takes for itself wherever it stands. */
  const all = (command: Command): KnowledgeFlags => command.optsWithGlobals<KnowledgeFlags>()
  knowledge
    .command('list')
    .description('list what is searched in, and how far it is')
    .action(async (_: unknown, command: Command) =>
      ended(await (await import('./cli/knowledge.ts')).listKnowledge(all(command))),
    )
  knowledge
    .command('add')
    .description('read files or folders; waits until they can be searched')
    .argument('<path...>', 'a file or a folder of this machine')
    .option('--no-wait', 'do not wait for it')
    .action(async (paths: string[], flags: { wait: boolean }, command: Command) =>
      ended(
        await (await import('./cli/knowledge.ts')).addKnowledge(paths, { ...all(command), ...flags, watched: false }),
      ),
    )
  knowledge
    .command('watch')
    .description('read files or folders, and again whenever they change')
    .argument('<path...>', 'a file or a folder of this machine')
    .option('--no-wait', 'do not wait for it')
    .action(async (paths: string[], flags: { wait: boolean }, command: Command) =>
      ended(
        await (await import('./cli/knowledge.ts')).addKnowledge(paths, { ...all(command), ...flags, watched: true }),
      ),
    )
  knowledge
    .command('search')
    .description('find passages by what they mean and by their words')
    .argument('<question...>')
    .option('--keywords', 'by their words alone')
    .option('--limit <number>', 'how many at most')
    .action(async (words: string[], flags: { keywords?: boolean; limit?: string }, command: Command) =>
      ended(await (await import('./cli/knowledge.ts')).searchKnowledge(words.join(' '), { ...all(command), ...flags })),
    )
  knowledge
    .command('remove')
    .description('take a source out of what is searched; its files stay where they are')
    .argument('<source>', 'its id, as baton knowledge list shows it')
    .action(async (id: string, _: unknown, command: Command) =>
      ended(await (await import('./cli/knowledge.ts')).removeKnowledge(id, all(command))),
    )
  const vault = program
    .command('vault')
    .description('the encrypted file for keys, where no keychain of the system answers: show it, make it, open it')
    .option('--json', 'one JSON object')
    .action(async (flags: JsonFlag) => ended(await (await import('./cli/vault.ts')).showVault(flags)))
  vault
    .command('create')
    .description('make one; the passphrase is asked for, or read from standard input')
    .action(async () => ended(await (await import('./cli/vault.ts')).createVault()))
  vault
    .command('open')
    .description('open it for the Baton that runs; the passphrase is asked for, or read from standard input')
    .action(async () => ended(await (await import('./cli/vault.ts')).openVault()))

  const user = program
    .command('user')
    .description('people who may sign in at the served page and port: list them, invite, change')
    .option('--json', 'one JSON object per line')
    .action(async (flags: JsonFlag) => ended(await (await import('./cli/users.ts')).listUsers(flags)))
  user
    .command('invite')
    .description('make a code with which one person may register')
    .addOption(new Option('--role <role>', 'what they may do').choices(role.options).default('operator'))
    .addOption(new Option('--days <number>', 'how long it is good').argParser(wholeNumber).default(7))
    .action(async (flags: { role: Role; days: number }, command: Command) =>
      ended(await (await import('./cli/users.ts')).inviteUser({ ...command.optsWithGlobals<JsonFlag>(), ...flags })),
    )
  user
    .command('change')
    .description('give somebody another role, or let them in or out')
    .argument('<user>', 'their id, as baton user shows it')
    .addOption(new Option('--role <role>', 'what they may do').choices(role.options))
    .option('--off', 'let them in no more; their sessions end')
    .option('--on', 'let them in again')
    .action(async (id: string, flags: UserChangeFlags, command: Command) =>
      ended(
        await (await import('./cli/users.ts')).changeUser(id, { ...command.optsWithGlobals<JsonFlag>(), ...flags }),
      ),
    )
  const token = program
    .command('token')
    .description('API tokens for scripts: list them, make one, revoke one')
    .option('--json', 'one JSON object per line')
    .action(async (flags: JsonFlag) => ended(await (await import('./cli/tokens.ts')).listTokens(flags)))
  token
    .command('create')
    .description('make a token and print it, this once')
    .argument('<name>', 'what it is for')
    .addOption(new Option('--scope <scope...>', 'what it may do').choices(scope.options).default(['read']))
    .addOption(new Option('--days <number>', 'how long it is good, or never').argParser(daysOrNever).default(90))
    .addOption(new Option('--per-minute <number>', 'its own limit of requests').argParser(wholeNumber))
    .option('--user <id>', 'whom it acts as; without it, you')
    .action(async (name: string, flags: NewTokenFlags, command: Command) =>
      ended(
        await (await import('./cli/tokens.ts')).createToken(name, { ...command.optsWithGlobals<JsonFlag>(), ...flags }),
      ),
    )
  token
    .command('revoke')
    .description('end a token')
    .argument('<token>', 'its id, as baton token shows it')
    .action(async (id: string, _: unknown, command: Command) =>
      ended(await (await import('./cli/tokens.ts')).revokeToken(id, command.optsWithGlobals<JsonFlag>())),
    )
  const webhooks = program
    .command('webhooks')
    .description('webhooks: list, add, change, test or remove them, and show what was sent')
    .option('--json', 'one JSON object per line')
    .action(async (flags: JsonFlag) => ended(await (await import('./cli/webhooks.ts')).listWebhooks(flags)))
  webhooks
    .command('add')
    .description('tell a URL what happens; prints the secret that signs it, this once')
    .argument('<url>', 'http or https')
    .addOption(toldOf())
    .option('--project <project>', 'of one project alone')
    .option('--private', 'its host is on this machine or your own network, and you mean it')
    .action(async (url: string, flags: AddWebhookFlags, command: Command) =>
      ended(await (await edits()).addWebhook(url, { ...command.optsWithGlobals<JsonFlag>(), ...flags })),
    )
  webhooks
    .command('edit')
    .description('change the URL of a webhook, or what it is told')
    .argument('<webhook>', 'its id, as baton webhooks shows it')
    .option('--url <url>', 'where it is told from now on')
    .addOption(toldOf())
    .addOption(new Option('--project <project>', 'of one project alone').conflicts('allProjects'))
    .option('--all-projects', 'of all projects')
    .option('--private', 'its host is on this machine or your own network, and you mean it')
    .addOption(new Option('--on', 'tell it again').conflicts('off'))
    .option('--off', 'tell it nothing until it is switched on')
    .action(async (id: string, flags: EditWebhookFlags, command: Command) =>
      ended(await (await edits()).editWebhook(id, { ...command.optsWithGlobals<JsonFlag>(), ...flags })),
    )
  webhooks
    .command('rotate')
    .description('give a webhook another secret, and print it, this once')
    .argument('<webhook>', 'its id, as baton webhooks shows it')
    .addOption(
      new Option('--overlap <hours>', 'how long the former secret signs as well').argParser(wholeNumber).default(24),
    )
    .action(async (id: string, flags: RotateWebhookFlags, command: Command) =>
      ended(await (await edits()).rotateWebhook(id, { ...command.optsWithGlobals<JsonFlag>(), ...flags })),
    )
  webhooks
    .command('remove')
    .description('tell a webhook nothing more, and forget what was sent to it')
    .argument('<webhook>', 'its id, as baton webhooks shows it')
    .action(async (id: string, _: unknown, command: Command) =>
      ended(await (await edits()).removeWebhook(id, command.optsWithGlobals<JsonFlag>())),
    )
  const senders = webhooks
    .command('incoming')
    .description('secrets that incoming webhooks may be signed with: list them, add one, remove one')
    .action(async (_: unknown, command: Command) =>
      ended(await (await incoming()).listSenders(command.optsWithGlobals<JsonFlag>())),
    )
  senders
    .command('add')
    .description('take what is signed with a secret; prints one, this once')
    .argument('<name>', 'who signs with it')
    .option('--stdin', 'take the secret from standard input, where the sender has one already')
    .action(async (name: string, flags: AddSenderFlags, command: Command) =>
      ended(await (await incoming()).addSender(name, { ...command.optsWithGlobals<JsonFlag>(), ...flags })),
    )
  senders
    .command('remove')
    .description('take nothing more that is signed with a secret')
    .argument('<secret>', 'its id, as baton webhooks incoming shows it')
    .action(async (id: string, _: unknown, command: Command) =>
      ended(await (await incoming()).removeSender(id, command.optsWithGlobals<JsonFlag>())),
    )
  webhooks
    .command('test')
    .description('send a webhook a test now; fails where it does not arrive')
    .argument('<webhook>', 'its id, as baton webhooks shows it')
    .action(async (id: string, _: unknown, command: Command) =>
      ended(await (await import('./cli/webhooks.ts')).testWebhook(id, command.optsWithGlobals<JsonFlag>())),
    )
  webhooks
    .command('deliveries')
    .description('show what was sent to a webhook, newest first')
    .argument('<webhook>', 'its id, as baton webhooks shows it')
    .addOption(new Option('--limit <number>', 'how many at most').argParser(wholeNumber).default(50))
    .action(async (id: string, _: unknown, command: Command) =>
      ended(await (await import('./cli/webhooks.ts')).listDeliveries(id, command.optsWithGlobals<DeliveriesFlags>())),
    )
  program
    .command('backup')
    .description('make a backup now, or show or check those that are there')
    .option('--list', 'show them, newest first')
    .option('--verify <backup>', 'check whether one could be restored')
    .option('--json', 'one JSON object per line')
    .action(async (flags: BackupFlags) => ended(await (await import('./cli/backup.ts')).backup(flags)))
  program
    .command('restore')
    .description('put a backup in the place of the database; end Baton first')
    .argument('<backup>', 'its name, as baton backup --list shows it')
    .option('--data <dir>', 'data folder')
    .option('--json', 'one JSON object')
    .action(async (id: string, flags: { json?: boolean; data?: string }) =>
      ended(await (await import('./cli/restore.ts')).restore(id, flags)),
    )
  program
    .command('export')
    .description('write a whole project into one file')
    .argument('<project>', 'its id, as baton projects shows it')
    .option('-o, --out <path>', 'the file, or a folder for it; without it, the current folder')
    .option('--force', 'replace a file that is there')
    .option('--json', 'one JSON object')
    .action(async (id: string, flags: ExportFlags) =>
      ended(await (await import('./cli/export.ts')).exportProject(id, flags)),
    )
  program
    .command('import')
    .description('make a project of a file that baton export wrote')
    .argument('<file>', 'the file')
    .option('--json', 'one JSON object')
    .action(async (file: string, flags: { json?: boolean }) =>
      ended(await (await import('./cli/import.ts')).importProject(file, flags)),
    )
  program
    .command('doctor')
    .description('look at what Baton stands on')
    .option('--json', 'one JSON object')
    .action(async (flags: { json?: boolean }) => ended(await (await import('./cli/doctor.ts')).doctor(flags)))
  return program
}

/** Runs one command line; answers its exit code. Bugs are thrown on. */
export async function runCommandLine(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT.done
  const program = createProgram((ended) => {
    code = ended
  })
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (fault) {
    // Commander has said what was wrong; help and version are no faults.
    if (fault instanceof CommanderError) return fault.exitCode === 0 ? EXIT.done : EXIT.usage
    if (fault instanceof CommandFault) {
      say(fault.message)
      return fault.exitCode
    }
    const { ORPCError } = await import('@orpc/client')
    if (!(fault instanceof ORPCError) || fault.status === 500) throw fault
    say(fault.message)
    return exitCodeOf(fault)
  }
}
