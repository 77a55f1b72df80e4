import { join } from 'node:path'
import { z } from 'zod'
import { asRatio, inMegabytes, median } from './figures.ts'
import { measureProcess } from './measure-process.ts'

const measured = z.object({
  shape: z.enum(['dag', 'flat']),
  tasks: z.number(),
  ms: z.number(),
  approve_ms: z.number(),
  rss_bytes: z.number(),
  rows: z.number().optional(),
  bytes: z.number().optional(),
  ok: z.boolean(),
})
type Measured = z.infer<typeof measured>
const line = z.union([measured, z.object({ absent: z.string() })])

/** Who carries the graphs out; the first is what the others are compared with. */
const CONTENDERS = {
  'straight-sqlite': ['straight-rounds.ts'],
  baton: ['core-rounds.ts'],
  plainjob: ['peers/plainjob-rounds.ts'],
  bullmq: ['peers/bullmq-rounds.ts'],
  'straight-sqlite with run events': ['straight-rounds.ts', '--phases'],
  'baton with run events': ['core-rounds.ts', '--phases'],
} as const
type Contender = keyof typeof CONTENDERS

/**
 * V8 goes on compiling through the first graphs of a process, which a host that lives for a night leaves behind
 * in its first second: the median of five is of one that runs mostly compiled code. Each graph's own ratio is told beside it.
 */
const GRAPHS_PER_PROCESS = 5

/** Milliseconds of one process: the median of its graphs. */
interface Round {
  readonly dag: number
  readonly flat: number
  readonly graphs: readonly Measured[]
}

async function roundOf(contender: Contender): Promise<Round | { readonly absent: string }> {
  const [script, ...flags] = CONTENDERS[contender]
  const { stdout } = await measureProcess([join(import.meta.dirname, script), String(GRAPHS_PER_PROCESS), ...flags])
  const lines = stdout
    .trim()
    .split('\n')
    .map((text) => line.parse(JSON.parse(text)))
  const graphs: Measured[] = []
  for (const each of lines) {
    if ('absent' in each) return each
    graphs.push(each)
  }
  const ms = (shape: Measured['shape']): number =>
    median(graphs.filter((graph) => graph.shape === shape).map((graph) => graph.ms))
  return { dag: ms('dag'), flat: ms('flat'), graphs }
}

/** The median over the rounds of `a` measured against `b` in the same round. */
function ratio(a: readonly Round[], b: readonly Round[], of: (round: Round, other: Round) => number): string {
  const ratios = a.flatMap((round, index) => {
    const other = b[index]
    return other === undefined ? [] : [of(round, other)]
  })
  return ratios.length === 0 ? 'none' : asRatio(median(ratios), 1)
}

/** Graph by graph of a process, the first to the last: how the layered one stands to the ceiling's. */
function eachRatio(rounds: readonly Round[], ceiling: readonly Round[]): string {
  const dag = ({ graphs }: Round, index: number): number =>
    graphs.filter(({ shape }) => shape === 'dag')[index]?.ms ?? Number.NaN
  return Array.from({ length: GRAPHS_PER_PROCESS }, (_, index) =>
    ratio(rounds, ceiling, (round, other) => dag(round, index) / dag(other, index)),
  ).join('/')
}

function tell(name: Contender, rounds: readonly Round[], ceiling: readonly Round[]): string {
  const graphs = rounds.flatMap((round) => round.graphs)
  const flat = median(rounds.map((round) => round.flat))
  const [first] = graphs.filter((graph) => graph.shape === 'flat')
  const written = first?.rows === undefined ? '' : ` flat_rows=${first.rows} flat_mb=${inMegabytes(first.bytes ?? 0)}`
  return [
    name,
    `dag_ms=${median(rounds.map((round) => round.dag)).toFixed(0)}`,
    `flat_ms=${flat.toFixed(0)}`,
    `tasks_per_s=${(10_000_000 / flat).toFixed(0)}`,
    `dag_to_ceiling=${ratio(rounds, ceiling, (round, other) => round.dag / other.dag)}`,
    `each=${eachRatio(rounds, ceiling)}`,
    `rate_to_ceiling=${ratio(rounds, ceiling, (round, other) => other.flat / round.flat)}`,
    `rss_mb=${inMegabytes(Math.max(...graphs.map((graph) => graph.rss_bytes)))}${written}`,
    `ok=${graphs.every((graph) => graph.ok)}`,
  ].join(' ')
}

/**
 * A layered graph of 1,000 instant tasks and 10,000 independent ones, from ready to the end of their projects, each run
 * exactly once and booked with a paid call: by Baton, by straight SQLite that leaves the same rows, and by other queues,
 * which record less. By turns, and compared within each round, since the machine's mood changes.
 */
export async function benchCore(rounds: number): Promise<string[]> {
  const names = Object.keys(CONTENDERS) as Contender[]
  const results = new Map<Contender, Round[]>(names.map((name) => [name, []]))
  const absent = new Map<Contender, string>()
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) {
      if (absent.has(name)) continue
      const result = await roundOf(name)
      if ('absent' in result) absent.set(name, result.absent)
      else results.get(name)?.push(result)
    }
  }
  const of = (name: Contender): Round[] => results.get(name) ?? []
  const baton = of('baton')
  if ([...results.values()].flat().some((round) => round.graphs.some((graph) => !graph.ok))) process.exitCode = 1
  const approvals = baton.flatMap((round) => round.graphs.filter((graph) => graph.shape === 'dag'))
  return [
    ...names.map((name) => {
      const why = absent.get(name)
      if (why !== undefined) return `${name} absent: ${why}`
      return tell(
        name,
        of(name),
        of(name.endsWith('with run events') ? 'straight-sqlite with run events' : 'straight-sqlite'),
      )
    }),
    ...(['plainjob', 'bullmq'] as const)
      .filter((name) => of(name).length > 0)
      .map(
        (name) =>
          `baton to ${name} dag=${ratio(baton, of(name), (round, other) => round.dag / other.dag)} rate=${ratio(baton, of(name), (round, other) => other.flat / round.flat)}`,
      ),
    `approval of 1000 tasks approve_ms=${median(approvals.map((graph) => graph.approve_ms)).toFixed(1)}`,
  ]
}
