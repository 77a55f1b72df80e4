import { Command, CommanderError } from 'commander'
import { batonVersion } from '#http/installation.ts'
import { CommandFault, EXIT, type ExitCode, exitCodeOf } from './cli/exit-code.ts'
import { say } from './cli/output.ts'
import { addAccessCommands } from './commands/access.ts'
import type { Ended } from './commands/flags.ts'
import { addKnowledgeCommands } from './commands/knowledge.ts'
import { addModelCommands } from './commands/models.ts'
import { addPermissionCommands } from './commands/permissions.ts'
import { addUpkeepCommands } from './commands/upkeep.ts'
import { addUsageCommands } from './commands/usage.ts'
import { addWebhookCommands } from './commands/webhooks.ts'
import { addWorkCommands } from './commands/work.ts'

/** Commands load their own code when they are called, so that each starts fast. They are listed in the order of this. */
function createProgram(ended: Ended): Command {
  const program = new Command('baton')
    .description('Turns what you write down into a plan, and an approved plan into finished, verified work.')
    .version(batonVersion())
    .exitOverride()
    .showHelpAfterError('(baton --help shows what there is)')
  addWorkCommands(program, ended)
  addUsageCommands(program, ended)
  addModelCommands(program, ended)
  addPermissionCommands(program, ended)
  addKnowledgeCommands(program, ended)
  addAccessCommands(program, ended)
  addWebhookCommands(program, ended)
  addUpkeepCommands(program, ended)
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
