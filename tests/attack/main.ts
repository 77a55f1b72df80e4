/**
 * `npm run test:attack [-- --bodies N] [--seed S]`: sends N (10,000 where not said) hostile requests, made of the OpenAPI
 * document, to a `baton serve` of its own, then looks whether it lives, answers honest calls and has whole books. The same
 * seed makes the same requests. The exit code is 1 where something did not hold.
 */
import { parseArgs } from 'node:util'
import { checkAfterwards } from './check-afterwards.ts'
import { fuzzBodies } from './fuzz-bodies.ts'
import { startVictim } from './victim.ts'

const { values } = parseArgs({
  options: { bodies: { type: 'string', default: '10000' }, seed: { type: 'string' } },
})
const bodies = Number(values.bodies)
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
if (!Number.isSafeInteger(bodies) || !Number.isSafeInteger(seed)) {
  process.stderr.write('--bodies and --seed are whole numbers.\n')
  process.exit(2)
}

process.stderr.write(`seed ${seed}\n`)
const began = performance.now()
const victim = await startVictim()
try {
  const { sent, statuses, faults } = await fuzzBodies(victim, { bodies, seed })
  const memory = victim.memory()
  const found = [...faults, ...(await checkAfterwards(victim))]
  for (const fault of found) process.stdout.write(`FAULT ${fault}\n`)
  const figures = { seed, sent, faults: found.length, seconds: Math.round((performance.now() - began) / 1_000) }
  process.stdout.write(`${JSON.stringify({ ...figures, resident_mb: Math.round((memory ?? 0) / 1e6), statuses })}\n`)
  process.exitCode = found.length === 0 ? 0 : 1
} finally {
  await victim.close()
}
