import type { Command } from 'commander'
import type { KnowledgeFlags } from '../cli/knowledge.ts'
import type { Ended } from './flags.ts'

/** Files to search in. */
export function addKnowledgeCommands(program: Command, ended: Ended): void {
  const knowledge = program
    .command('knowledge')
    .description('files to search in: list them, add, search, remove')
    .option('-p, --project <id>', 'of this project and of everybody; without it, everything')
    .option('--json', 'one JSON object per line')
    .action(async (flags: KnowledgeFlags) => ended(await (await import('../cli/knowledge.ts')).listKnowledge(flags)))
  /** What the command above it knows too, and takes for itself wherever it stands. */
  const all = (command: Command): KnowledgeFlags => command.optsWithGlobals<KnowledgeFlags>()
  knowledge
    .command('list')
    .description('list what is searched in, and how far it is')
    .action(async (_: unknown, command: Command) =>
      ended(await (await import('../cli/knowledge.ts')).listKnowledge(all(command))),
    )
  knowledge
    .command('add')
    .description('read files or folders; waits until they can be searched')
    .argument('<path...>', 'a file or a folder of this machine')
    .option('--no-wait', 'do not wait for it')
    .action(async (paths: string[], flags: { wait: boolean }, command: Command) =>
      ended(
        await (await import('../cli/knowledge.ts')).addKnowledge(paths, { ...all(command), ...flags, watched: false }),
      ),
    )
  knowledge
    .command('watch')
    .description('read files or folders, and again whenever they change')
    .argument('<path...>', 'a file or a folder of this machine')
    .option('--no-wait', 'do not wait for it')
    .action(async (paths: string[], flags: { wait: boolean }, command: Command) =>
      ended(
        await (await import('../cli/knowledge.ts')).addKnowledge(paths, { ...all(command), ...flags, watched: true }),
      ),
    )
  knowledge
    .command('search')
    .description('find passages by what they mean and by their words')
    .argument('<question...>')
    .option('--keywords', 'by their words alone')
    .option('--limit <number>', 'how many at most')
    .action(async (words: string[], flags: { keywords?: boolean; limit?: string }, command: Command) =>
      ended(
        await (await import('../cli/knowledge.ts')).searchKnowledge(words.join(' '), { ...all(command), ...flags }),
      ),
    )
  knowledge
    .command('remove')
    .description('take a source out of what is searched; its files stay where they are')
    .argument('<source>', 'its id, as baton knowledge list shows it')
    .action(async (id: string, _: unknown, command: Command) =>
      ended(await (await import('../cli/knowledge.ts')).removeKnowledge(id, all(command))),
    )
}
