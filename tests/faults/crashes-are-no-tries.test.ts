import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { startAnthropicDouble } from '../doubles/anthropic-double.ts'
import { startOllamaDouble } from '../doubles/ollama-double.ts'
import { bundle } from './bundle.ts'
import { Findings } from './findings.ts'
import { Inspector } from './inspector.ts'
import { runVictim } from './victim.ts'
import { workloadBrain } from './workload.ts'

const cleanups: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

test('E3 E5 a call that died with Baton is no try of its model: what can heal is still asked again', async () => {
  const program = await bundle('core-child')
  cleanups.push(program.remove)
  const folder = mkdtempSync(join(tmpdir(), 'baton-tries-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }))
  const anthropic = await startAnthropicDouble({ brain: workloadBrain })
  cleanups.push(() => anthropic.close())
  const ollama = await startOllamaDouble({ brain: workloadBrain })
  cleanups.push(() => ollama.close())
  const data_dir = join(folder, 'data')
  const victim = { data_dir, anthropic: anthropic.url, ollama: ollama.url, path: '', settings: { max_retries: 2 } }

  for (let deaths = 0; deaths < 4; deaths += 1) {
    const end = await runVictim(program.file, victim, { kind: 'failpoint', name: 'after-sent' })
    expect(end).toMatchObject({ killed: true, fault: '' })
  }
  // One per step that was lost, and more: two faults in a row are within the limit for each.
  anthropic.script({ kind: 'overloaded' }, { kind: 'overloaded' })
  const end = await runVictim(program.file, victim, { kind: 'none' })
  expect(end).toMatchObject({ drained: true, fault: '' })
  const findings = new Findings()
  new Inspector(data_dir, [anthropic, ollama], findings).afterDrain(end.last_seq)
  expect(findings.violations).toEqual([])
})
