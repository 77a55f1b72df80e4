import { type Command, Option } from 'commander'
import type { AddWebhookFlags, EditWebhookFlags, RotateWebhookFlags } from '../cli/edit-webhooks.ts'
import type { AddSenderFlags } from '../cli/incoming-webhooks.ts'
import type { DeliveriesFlags } from '../cli/webhooks.ts'
import { type Ended, type JsonFlag, wholeNumber } from './flags.ts'

/** What a webhook is told of. Which names there are is read where they are needed, so that other commands start fast. */
function toldOf(): Option {
  return new Option(
    '--event <event...>',
    'what it is told of, such as task.failed project.state, or "*" for everything',
  )
}

const edits = () => import('../cli/edit-webhooks.ts')

const incoming = () => import('../cli/incoming-webhooks.ts')

/** Webhooks, out and in. */
export function addWebhookCommands(program: Command, ended: Ended): void {
  const webhooks = program
    .command('webhooks')
    .description('webhooks: list, add, change, test or remove them, and show what was sent')
    .option('--json', 'one JSON object per line')
    .action(async (flags: JsonFlag) => ended(await (await import('../cli/webhooks.ts')).listWebhooks(flags)))
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
      ended(await (await import('../cli/webhooks.ts')).testWebhook(id, command.optsWithGlobals<JsonFlag>())),
    )
  webhooks
    .command('deliveries')
    .description('show what was sent to a webhook, newest first')
    .argument('<webhook>', 'its id, as baton webhooks shows it')
    .addOption(new Option('--limit <number>', 'how many at most').argParser(wholeNumber).default(50))
    .action(async (id: string, _: unknown, command: Command) =>
      ended(await (await import('../cli/webhooks.ts')).listDeliveries(id, command.optsWithGlobals<DeliveriesFlags>())),
    )
}
