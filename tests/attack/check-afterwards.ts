import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Victim } from './victim.ts'

const report = z.object({
  findings: z.array(z.object({ name: z.string(), state: z.string(), detail: z.string() })),
})

/** What does not hold after an attack: an honest call that fails, a core that ends badly, or books that are not whole. */
export async function checkAfterwards(victim: Victim): Promise<string[]> {
  const faults: string[] = []
  // A field that sits on every object would be one too many for a strict schema.
  const honest = await fetch(`${victim.url}/api/projects`, {
    method: 'POST',
    headers: { authorization: `Bearer ${victim.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ requirements: 'An honest wish.', attachments: [{ name: 'a.txt', text: 'a' }] }),
  })
  if (honest.status !== 201) faults.push(`An honest call was answered ${honest.status}: ${await honest.text()}`)
  const code = await victim.stop()
  if (code !== 0) faults.push(`The core ended with ${code}.`)
  const log = readFileSync(join(victim.bench.data_dir, 'logs', 'baton.log'), 'utf8')
  if (log.includes(victim.token)) faults.push('The log holds the secret of the token file.')
  const doctor = await victim.bench.run(['doctor', '--json'])
  const { findings } = report.parse(JSON.parse(doctor.stdout))
  for (const name of ['Database', 'Tables', 'Chains']) {
    const found = findings.find((each) => each.name === name)
    if (found?.state !== 'ok') faults.push(`${name}: ${found?.detail ?? 'doctor says nothing of it'}`)
  }
  return faults
}
