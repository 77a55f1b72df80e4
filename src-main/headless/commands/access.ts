import { type Command, Option } from 'commander'
import { type Role, role, scope } from '#contract/role.ts'
import type { NewTokenFlags } from '../cli/tokens.ts'
import type { UserChangeFlags } from '../cli/users.ts'
import { type Ended, type JsonFlag, wholeNumber } from './flags.ts'

function daysOrNever(text: string): number | 'never' {
  return text === 'never' ? text : wholeNumber(text)
}

/** Keys, people and tokens. */
export function addAccessCommands(program: Command, ended: Ended): void {
  const vault = program
    .command('vault')
    .description('the encrypted file for keys, where no keychain of the system answers: show it, make it, open it')
    .option('--json', 'one JSON object')
    .action(async (flags: JsonFlag) => ended(await (await import('../cli/vault.ts')).showVault(flags)))
  vault
    .command('create')
    .description('make one; the passphrase is asked for, or read from standard input')
    .action(async () => ended(await (await import('../cli/vault.ts')).createVault()))
  vault
    .command('open')
    .description('open it for the Baton that runs; the passphrase is asked for, or read from standard input')
    .action(async () => ended(await (await import('../cli/vault.ts')).openVault()))

  const user = program
    .command('user')
    .description('people who may sign in at the served page and port: list them, invite, change')
    .option('--json', 'one JSON object per line')
    .action(async (flags: JsonFlag) => ended(await (await import('../cli/users.ts')).listUsers(flags)))
  user
    .command('invite')
    .description('make a code with which one person may register')
    .addOption(new Option('--role <role>', 'what they may do').choices(role.options).default('operator'))
    .addOption(new Option('--days <number>', 'how long it is good').argParser(wholeNumber).default(7))
    .action(async (flags: { role: Role; days: number }, command: Command) =>
      ended(await (await import('../cli/users.ts')).inviteUser({ ...command.optsWithGlobals<JsonFlag>(), ...flags })),
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
        await (await import('../cli/users.ts')).changeUser(id, { ...command.optsWithGlobals<JsonFlag>(), ...flags }),
      ),
    )
  const token = program
    .command('token')
    .description('API tokens for scripts: list them, make one, revoke one')
    .option('--json', 'one JSON object per line')
    .action(async (flags: JsonFlag) => ended(await (await import('../cli/tokens.ts')).listTokens(flags)))
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
        await (await import('../cli/tokens.ts')).createToken(name, {
          ...command.optsWithGlobals<JsonFlag>(),
          ...flags,
        }),
      ),
    )
  token
    .command('revoke')
    .description('end a token')
    .argument('<token>', 'its id, as baton token shows it')
    .action(async (id: string, _: unknown, command: Command) =>
      ended(await (await import('../cli/tokens.ts')).revokeToken(id, command.optsWithGlobals<JsonFlag>())),
    )
}
