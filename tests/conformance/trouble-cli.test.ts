import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { usageEntry } from '../../src-contract/usage.ts'
import { type Baton, createBaton, resultOf } from '../support/baton-process.ts'
import { type DoubleProcess, modelCalls, startDoubleProcess } from '../support/double-process.ts'
import { eventually } from '../support/eventually.ts'
import { type CliBench, createCliBench } from './cli-process.ts'

const totals = z.object({ total: z.object({ cost_micros: z.number(), unconfirmed_micros: z.number() }) })
const readyLine = z.object({ url: z.string(), token_file: z.string() })
const PLAN = {
  title: 'One note',
  tasks: [
    {
      key: 'note',
      title: 'Write the note',
      description: '',
      type: 'writing',
      complexity: 'medium',
      tier: 'fast',
      tools: [],
      depends_on: [],
      acceptance: [],
      verify_command: null,
      write_scope: [],
      artifacts: ['note.md'],
    },
  ],
}

let double: DoubleProcess
let baton: Baton
let bench: CliBench
beforeEach(async () => {
  double = await startDoubleProcess('anthropic', { queue: [{ kind: 'stream_cut' }] })
  baton = createBaton({ anthropic: double.url })
  bench = createCliBench()
})
afterEach(async () => {
  await baton.close()
  await double.close()
  await bench.close()
})

test('B2 X2 baton usage names the calls whose reply was lost; baton usage correct settles them', async () => {
  const plan = join(baton.folder, 'plan.json')
  writeFileSync(plan, JSON.stringify(PLAN))
  const ran = await baton.run(['run', plan, '--yes', '--json', '--budget', '5'])
  const result = resultOf(ran)
  expect(result.status).toBe('succeeded')

  const told = await baton.run(['usage', '--by', 'model'])
  expect(told.stderr).toMatch(/is not confirmed: a reply was lost/)
  expect(told.stdout).toContain('?')
  const call = /^\s+(\d+)\s+\d{4}-\d\d-\d\dT/m.exec(told.stderr)?.[1] ?? ''
  expect((await baton.run(['usage', 'correct', call, '1000'])).stderr).toMatch(/cannot have cost more than \$/)
  expect((await baton.run(['usage', 'correct', call, 'much'])).code).toBe(2)

  const billed = modelCalls(await double.report()).map((each) => Math.ceil(each.billed_micros))
  const lost = billed[0] ?? -1
  const corrected = await baton.run(['usage', 'correct', call, (lost / 1_000_000).toFixed(6), '--json'])
  expect(usageEntry.parse(JSON.parse(corrected.stdout))).toMatchObject({ cost_micros: lost, unconfirmed: false })
  const { total } = totals.parse(JSON.parse((await baton.run(['usage', '--json'])).stdout))
  expect(total).toEqual({ cost_micros: billed.reduce((sum, each) => sum + each, 0), unconfirmed_micros: 0 })
})

test('L1 X2 baton locks tells what is held and who waits', async () => {
  expect((await bench.run(['locks'])).stderr).toContain('No lock is held')
  const serve = bench.start(['serve', '--port', '0'])
  const [line] = (await once(serve.lines, 'line')) as [string]
  const { url, token_file } = readyLine.parse(JSON.parse(line))
  const ask = (wait_ms: number, owner: string) =>
    fetch(`${url}/api/locks`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${readFileSync(token_file, 'utf8').trim()}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ resource: 'gpu:0', owner, purpose: 'renders owls', wait_ms, ttl_ms: 600_000 }),
    })
  expect((await ask(0, 'render')).status).toBe(201)
  const waiting = ask(600_000, 'second').catch((fault: unknown) => fault)
  const told = await eventually('both of them', async () => {
    const { stdout } = await bench.run(['locks'])
    return stdout.includes('waits') && stdout
  })
  expect(told).toMatch(/lck_1\s+gpu:0\s+held\s+render\s+[\d.]+ s\s+1\s+renders owls/)
  serve.child.kill('SIGTERM')
  await waiting
})
