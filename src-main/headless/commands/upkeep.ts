import type { Command } from 'commander'
import type { BackupFlags } from '../cli/backup.ts'
import type { ExportFlags } from '../cli/export.ts'
import type { Ended } from './flags.ts'

/** Backups, archives of projects, and what Baton stands on. */
export function addUpkeepCommands(program: Command, ended: Ended): void {
  program
    .command('backup')
    .description('make a backup now, or show or check those that are there')
    .option('--list', 'show them, newest first')
    .option('--verify <backup>', 'check whether one could be restored')
    .option('--json', 'one JSON object per line')
    .action(async (flags: BackupFlags) => ended(await (await import('../cli/backup.ts')).backup(flags)))
  program
    .command('restore')
    .description('put a backup in the place of the database; end Baton first')
    .argument('<backup>', 'its name, as baton backup --list shows it')
    .option('--data <dir>', 'data folder')
    .option('--json', 'one JSON object')
    .action(async (id: string, flags: { json?: boolean; data?: string }) =>
      ended(await (await import('../cli/restore.ts')).restore(id, flags)),
    )
  program
    .command('export')
    .description('write a whole project into one file')
    .argument('<project>', 'its id, as baton projects shows it')
    .option('-o, --out <path>', 'the file, or a folder for it; without it, the current folder')
    .option('--force', 'replace a file that is there')
    .option('--json', 'one JSON object')
    .action(async (id: string, flags: ExportFlags) =>
      ended(await (await import('../cli/export.ts')).exportProject(id, flags)),
    )
  program
    .command('import')
    .description('make a project of a file that baton export wrote')
    .argument('<file>', 'the file')
    .option('--json', 'one JSON object')
    .action(async (file: string, flags: { json?: boolean }) =>
      ended(await (await import('../cli/import.ts')).importProject(file, flags)),
    )
  program
    .command('doctor')
    .description('look at what Baton stands on')
    .option('--json', 'one JSON object')
    .action(async (flags: { json?: boolean }) => ended(await (await import('../cli/doctor.ts')).doctor(flags)))
}
