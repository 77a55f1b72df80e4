import type { Command } from 'commander'
import type { UsageFlags } from '../cli/usage.ts'
import type { Ended } from './flags.ts'

/** What was used and spent. */
export function addUsageCommands(program: Command, ended: Ended): void {
  const usage = program
    .command('usage')
    .description('show what was used and spent')
    .option('--by <group>', 'day, month, project, model, task or tier')
    .option('--project <id>', 'of one project')
    .option('--csv', 'every call as CSV')
    .option('--json', 'one JSON object')
    .action(async (flags: UsageFlags) => ended(await (await import('../cli/usage.ts')).usage(flags)))
  usage
    .command('correct')
    .description('say what an unconfirmed call really cost')
    .argument('<call>', 'its number, as baton usage shows it')
    .argument('<usd>', 'what your provider billed for it')
    .option('--json', 'one JSON object')
    // `usage` knows --json too and takes it for itself, wherever it stands.
    .action(async (call: string, usd: string, _: unknown, command: Command) =>
      ended(
        await (await import('../cli/correct-usage.ts')).correctUsage(call, usd, {
          json: command.optsWithGlobals<{ json?: boolean }>().json === true,
        }),
      ),
    )
}
