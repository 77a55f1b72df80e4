import { execFile } from 'node:child_process'
import { ok } from '../../src-contract/result.ts'
import { hostCore } from '../../src-main/http/host-core.ts'
import { AS_BUILT, BATON_PROGRAM } from './baton-program.ts'
import { type CoreBench, must } from './core-bench.ts'

/**
 * What a command says that attaches to the living core of a bench, stdout and stderr in one. Spaces and line ends are one
 * space, so that the width of a table does not matter.
 */
export async function cliLook(bench: CoreBench, ...args: readonly string[]): Promise<string> {
  const { core, data_dir } = bench
  // The bench ends its core itself.
  const lent = { ...core, close: async () => ({ clean: true }) }
  const hosted = must(await hostCore({ data_dir, version: '0.0.0-test', open: async () => ok(lent) }))
  const output = await cliAlone(bench, ...args)
  await hosted.close()
  return output
}

/** The same for a command that opens the folder of a closed bench, where nobody listens at any address. */
export function cliAlone({ data_dir }: CoreBench, ...args: readonly string[]): Promise<string> {
  const env = {
    ...AS_BUILT,
    PATH: process.env['PATH'],
    HOME: data_dir,
    OLLAMA_HOST: '127.0.0.1:1',
    BATON_DATA_DIR: data_dir,
  }
  return new Promise((resolve) => {
    execFile(process.execPath, [BATON_PROGRAM, ...args], { env }, (_fault, stdout, stderr) =>
      resolve(`${stdout}\n${stderr}`.replaceAll(/\s+/g, ' ')),
    )
  })
}
