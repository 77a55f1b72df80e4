import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { resourceFolder } from '#core/resource-folder.ts'
import type { BatonClient } from '../baton-client.ts'
import { CommandFault, EXIT, type ExitCode } from './exit-code.ts'
import { textColumns } from './format.ts'
import { listenForInterrupt } from './interrupt.ts'
import { say } from './output.ts'
import { createPaint } from './paint.ts'
import { wrap } from './printable.ts'
import { DEMO_PROFILE, runProject } from './run.ts'
import { openBrowser, type ServedUi, serveUi } from './serve-ui.ts'
import { dataFolder, readEnvironment, withSession } from './session.ts'

export interface DemoFlags {
  readonly real?: boolean
  readonly openUi?: boolean
  readonly pace?: string
  readonly yes?: boolean
  readonly json?: boolean
}

/** Slow enough to watch, quick enough to wait for. */
const WATCHABLE_PACE_MS = 120

function paceOf(flag: string | undefined): number {
  if (flag === undefined) return process.stderr.isTTY ? WATCHABLE_PACE_MS : 0
  if (/^\d{1,5}$/.test(flag)) return Number(flag)
  throw new CommandFault(`--pace ${flag} is no number of milliseconds. Write 300.`, EXIT.usage)
}

async function openUi(client: BatonClient, dataDir: string): Promise<ServedUi | null> {
  if (client.hosted === null) {
    say('Another Baton keeps this data folder; watch the progress in its window.')
    return null
  }
  const served = await serveUi(client.hosted, { data_dir: dataDir, port: 0 })
  if (!served.ok) throw new CommandFault(served.error, EXIT.failed)
  say(`\n  Watch it at ${createPaint(process.stderr).link(served.value.link)}`)
  openBrowser(served.value.link)
  return served.value
}

function untilInterrupted(): Promise<void> {
  say('\nThe window stays open for you to look around. Ctrl+C ends Baton.')
  return new Promise((resolve) => {
    listenForInterrupt(resolve)
  })
}

/**
 * `baton demo`: does the main job with the sample requirement. With the demo model it works in a new folder that is
 * kept; `--real` uses the usual data folder, because money that is spent must count against its limits.
 */
export function demo(flags: DemoFlags): Promise<ExitCode> {
  const environment = readEnvironment()
  const real = flags.real ?? false
  const json = flags.json ?? false
  const data_dir = real ? dataFolder(environment) : mkdtempSync(join(tmpdir(), 'baton-demo-'))
  const text = readFileSync(join(resourceFolder(), 'sample', 'requirement.md'), 'utf8')
  return withSession({ demo: !real, demo_pace_ms: paceOf(flags.pace), data_dir }, async (session) => {
    if (!json) {
      const paint = createPaint(process.stderr)
      const what = real ? 'with the models it finds' : 'no AI, no network, no cost'
      say(`\n  ${paint.bold('Baton demo')} ${paint.dim(`· ${what}`)}\n`)
      for (const line of wrap(text.trim(), textColumns(process.stderr) - 4)) say(paint.dim(`  │ ${line}`))
    }
    const ui = flags.openUi ? await openUi(session.client, data_dir) : null
    const input = real ? { requirements: text } : { requirements: text, profile: DEMO_PROFILE }
    const code = await runProject(session, { kind: 'requirements', text }, input, { yes: flags.yes ?? !real, json })
    if (ui !== null) {
      if (code !== EXIT.interrupted) await untilInterrupted()
      await ui.listener.close()
    }
    return code
  })
}
