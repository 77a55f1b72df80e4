import { join } from 'node:path'
import { z } from 'zod'
import { asRatio, inMegabytes, median } from './figures.ts'
import { type Measured, measureProcess, root } from './measure-process.ts'

const ready = z.object({ url: z.string() })

async function firstAnswer(line: string): Promise<void> {
  const { url } = ready.parse(JSON.parse(line))
  const answer = await fetch(`${url}/health`)
  await answer.text()
  if (!answer.ok) throw new Error(`${url}/health answered with ${answer.status}`)
}

/** From the start of `baton serve` to its first answer, against a bare server on SQLite, by turns. */
export async function benchStartup(rounds: number): Promise<string[]> {
  const serve: Measured[] = []
  const bare: Measured[] = []
  for (let round = 0; round < rounds; round += 1) {
    bare.push(await measureProcess([join(import.meta.dirname, 'bare-server.mjs')], { until: firstAnswer }))
    serve.push(await measureProcess([join(root, 'bin', 'baton.cjs'), 'serve', '--port', '0'], { until: firstAnswer }))
  }
  const ms = median(serve.map((run) => run.ms))
  const bareMs = median(bare.map((run) => run.ms))
  const rss = inMegabytes(median(serve.map((run) => run.rss_bytes)))
  return [`startup serve_ms=${ms.toFixed(0)} bare_ms=${bareMs.toFixed(0)} ratio=${asRatio(ms, bareMs)} rss_mb=${rss}`]
}
