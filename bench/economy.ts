import { openDesk } from './economy/desk.ts'
import { readMix } from './economy/mix.ts'
import { BALANCED, CAREFUL, LEARNED, LOCAL, STRONG, STRONG_ONCE } from './economy/policies.ts'
import type { Policy } from './economy/simulate.ts'
import { cheapestAt, type StaticPoint, staticFrontier } from './economy/static-ladders.ts'

const TASKS = 1_000
const WARM_UP = 300
/** What a failed task is said to cost, for the curve of learned routing. */
const FAILURE_USD = [0.1, 0.25, 0.5, 2, 4]
/** Points of the curve that are printed. */
const SHOWN = 16

interface Figures {
  /** Dollars for 1,000 tasks. */
  readonly usd: number
  readonly right: number
}

/**
 * What routing costs and what it delivers, over the stated mix of tasks. `rounds` seeds of 1,000 tasks each; `learned`
 * begins each of them knowing nothing and counts after 300 tasks.
 */
export async function benchEconomy(rounds: number): Promise<string[]> {
  const mix = readMix()
  const desk = openDesk()
  const measure = async (policy: Policy): Promise<Figures> => {
    let right = 0
    let micros = 0
    for (let seed = 1; seed <= rounds; seed += 1) {
      const totals = await desk.run(mix, {
        policy,
        seed,
        warmUp: policy.name === LEARNED.name ? WARM_UP : 0,
        tasks: TASKS,
      })
      right += totals.right
      micros += totals.micros
    }
    return { usd: micros / 1_000 / (rounds * TASKS), right: right / (rounds * TASKS) }
  }
  try {
    const once = await measure(STRONG_ONCE)
    const strong = await measure(STRONG)
    const local = await measure(LOCAL)
    const careful = await measure(CAREFUL)
    const balanced = await measure(BALANCED)
    const learned = await measure(LEARNED)
    const frontier = staticFrontier(mix)
    const dial: string[] = []
    for (const usd of FAILURE_USD) {
      const settings = { ...LEARNED.settings, failed_task_micros: usd * 1_000_000 }
      const found = await measure({ ...LEARNED, settings })
      const least = cheapestAt(frontier, found.right)
      const ratio = least === null ? 'none so good' : (found.usd / figuresOf(least).usd).toFixed(2)
      dial.push(`economy ${line(`learned with a failure at ${usd} $`, found)} of_best_static=${ratio}`)
    }
    const best = cheapestAt(frontier, learned.right)
    const points: readonly (readonly [string, Figures])[] = [
      [LOCAL.name, local],
      [BALANCED.name, balanced],
      [`${LEARNED.name} after ${WARM_UP} tasks`, learned],
      [CAREFUL.name, careful],
      [STRONG_ONCE.name, once],
      [STRONG.name, strong],
    ]
    return [
      ...points.map(([name, figures]) => `economy ${line(name, figures)}`),
      ...dial,
      ...thin(frontier, SHOWN).map((point) => `economy curve ${line('best static', figuresOf(point))} ${words(point)}`),
      target('careful', careful.right >= strong.right, careful.usd / strong.usd, 0.7, STRONG.name),
      target('balanced', balanced.right >= once.right, balanced.usd / once.usd, 0.36, STRONG_ONCE.name),
      target(
        'learned',
        true,
        best === null ? Number.NaN : learned.usd / figuresOf(best).usd,
        1.15,
        'best static at its success',
      ),
    ]
  } finally {
    desk.close()
  }
}

function figuresOf({ micros, right }: StaticPoint): Figures {
  return { usd: micros / 1_000, right }
}

function line(name: string, { usd, right }: Figures): string {
  return `${name}: usd_per_1000=${usd.toFixed(1)} right=${(100 * right).toFixed(1)}%`
}

/** The ladders of a point by their first letters, in the mix's order of classes: lfs is local, fast, strong. */
function words({ ladders }: StaticPoint): string {
  return ladders.map((ladder) => ladder.map((tier) => tier[0]).join('')).join(' ')
}

function target(name: string, isAsGood: boolean, share: number, most: number, of: string): string {
  const isMet = isAsGood && share <= most
  return `economy target ${name}: ${isMet ? 'met' : 'MISSED'}, ${(100 * share).toFixed(0)} % of the cost of ${of} (at most ${(100 * most).toFixed(0)} %)${isAsGood ? '' : ', but less often right'}`
}

/** About so many of the points, evenly by success, with both ends. */
function thin(points: readonly StaticPoint[], count: number): StaticPoint[] {
  const [first] = points
  const last = points.at(-1)
  if (first === undefined || last === undefined) return []
  const step = (last.right - first.right) / (count - 1)
  const wanted = Array.from({ length: count }, (_, index) => first.right + index * step)
  return [...new Set([...wanted.flatMap((right) => points.find((point) => point.right >= right) ?? []), last])]
}
