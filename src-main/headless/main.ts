/** Entry of the `baton` command. */
import { runCommandLine } from './program.ts'

/** A reader that has seen enough (`| head`) is no fault; the work goes on. */
function ignoreClosedPipe(fault: NodeJS.ErrnoException): void {
  if (fault.code !== 'EPIPE') throw fault
}
process.stdout.on('error', ignoreClosedPipe)
process.stderr.on('error', ignoreClosedPipe)

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve())
  })
}

async function main(): Promise<number> {
  try {
    return await runCommandLine(process.argv.slice(2))
  } catch (fault) {
    const text = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)
    process.stderr.write(`Baton failed in a way it should not have; please report this:\n${text}\n`)
    return 1
  }
}

const code = await main()
await Promise.all([flushed(process.stdout), flushed(process.stderr)])
// A keychain that never answers, or a kept connection, must not hold the process.
process.exit(code)
