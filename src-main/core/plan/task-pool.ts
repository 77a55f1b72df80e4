import type { EstimateBasis } from '#contract/plan.ts'
import { taskType } from '#contract/states.ts'
import { defaultUses } from './default-use.ts'
import type { PastTask, PastTasks, TaskClass, TaskUse } from './past-tasks.ts'

/** What a task may use: `uses` are equally likely. */
export interface TaskPool {
  readonly uses: readonly (PastTask | TaskUse)[]
  /** The narrowest class with enough history to speak for itself, and how many tasks of it were looked at. */
  readonly basis: EstimateBasis
  readonly basis_samples: number
  /** Tasks of the same type, complexity and tier. */
  readonly samples: number
}

/** How many uses stand for the whole; each of a class then counts several times. */
export const POOL_SIZE = 400
/** The newest of a class that are looked at: enough for a 10th percentile, few enough to follow a change. */
const NEWEST = 100
/** Of each other type, where a task's own has too few. */
const NEWEST_OF_OTHERS = 12
/** From here on a class is said to be what an estimate is based on. */
const ENOUGH = 5
/** What is known of a wider class counts as much as this many tasks of the narrower one. */
const WIDER_COUNTS = 4

interface Level {
  readonly basis: EstimateBasis
  readonly uses: readonly PastTask[]
}

/**
 * What tasks like this one used, from the narrowest class to the widest: the same model, the same kind (type, complexity,
 * tier), the same complexity and tier, and what Baton assumes before it knows anything. Each of `n` tasks of a class counts 1
 * and all that is wider counts 4 together, so that a class speaks for itself as it fills. This is the urn of D. Blackwell and
 * J. B. MacQueen, Ferguson Distributions via Pólya Urn Schemes, Annals of Statistics 1 (1973), one class within the other.
 */
export function createTaskPools(past: Pick<PastTasks, 'newest'>): (of: TaskClass, profile: string | null) => TaskPool {
  /** By tier and complexity. */
  const wider = new Map<string, readonly PastTask[]>()

  function ofAllTypes(of: TaskClass): readonly PastTask[] {
    const key = `${of.stand_in} ${of.tier} ${of.complexity}`
    const known = wider.get(key)
    if (known !== undefined) return known
    const found = taskType.options.flatMap((type) => past.newest({ ...of, type }, NEWEST_OF_OTHERS))
    wider.set(key, found)
    return found
  }

  return (of, profile) => {
    const kind = past.newest(of, NEWEST)
    const levels: readonly Level[] = [
      { basis: 'model', uses: kind.filter((task) => task.profile === profile) },
      { basis: 'kind', uses: kind },
      { basis: 'complexity', uses: ofAllTypes(of) },
    ]
    const base = levels.find(({ uses }) => uses.length >= ENOUGH)
    return {
      uses: resample([...levels.map(({ uses }) => uses), defaultUses(of)]),
      basis: base?.basis ?? 'default',
      basis_samples: base?.uses.length ?? 0,
      samples: kind.length,
    }
  }
}

/** Draws {@link POOL_SIZE} uses at even distances from the levels laid end to end, each as long as it counts. */
function resample(levels: readonly (readonly (PastTask | TaskUse)[])[]): (PastTask | TaskUse)[] {
  const pool: (PastTask | TaskUse)[] = []
  let left = 1
  let passed = 0
  for (const [index, uses] of levels.entries()) {
    const isWidest = index === levels.length - 1
    const weight = isWidest ? left : (left * uses.length) / (uses.length + WIDER_COUNTS)
    for (const use of uses) {
      passed += weight / uses.length
      while (pool.length + 0.5 < passed * POOL_SIZE) pool.push(use)
    }
    left -= weight
  }
  return pool
}
