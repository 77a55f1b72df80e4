import { type Command, Option } from 'commander'
import type { ApprovalFlags } from '../cli/approvals.ts'
import type { McpFlags } from '../cli/mcp.ts'
import type { Ended } from './flags.ts'

/** What waits for a person, what tools may be used, and what is locked. */
export function addPermissionCommands(program: Command, ended: Ended): void {
  program
    .command('approvals')
    .description('show what waits for your approval, or answer')
    .option('--allow <id>', 'let it be done')
    .option('--deny <id>', 'do not let it be done')
    .option('--answer <id>', 'answer a question, with --note')
    .addOption(new Option('--for <scope>', 'how far the answer holds').choices(['once', 'task', 'project']))
    .option('--note <text>', 'the answer, or what the model is told with a denial')
    .option('--json', 'one JSON object per line')
    .action(async (flags: ApprovalFlags) => ended(await (await import('../cli/approvals.ts')).approvals(flags)))
  program
    .command('mcp <project>')
    .description('list the MCP servers of a project, add, trust or remove one')
    .option('--add <name>', 'add or change a server, with --setup')
    .option('--setup <file>', 'JSON: {"config": {"command": …, "args": […]}, "hosts": […], …}')
    .option('--take <name>', 'take over a server that .mcp.json of the workspace offers')
    .option('--approve <name>', 'trust a server, and let it do what its line says')
    .option('--remove <name>', 'remove a server')
    .option('--json', 'as one JSON object')
    .action(async (project: string, flags: McpFlags) =>
      ended(await (await import('../cli/mcp.ts')).mcp(project, flags)),
    )
  program
    .command('locks')
    .description('list what is locked, by whom, and who waits')
    .option('--json', 'one JSON object per line')
    .action(async (flags: { json?: boolean }) => ended(await (await import('../cli/locks.ts')).locks(flags)))
}
