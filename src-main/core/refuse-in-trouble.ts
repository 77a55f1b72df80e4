import { refuse } from './refusal.ts'
import { StorageFault, troubleOf } from './store/trouble.ts'

/**
 * A group of core's functions in which a change that the disk does not take answers with a refusal (D4), as core promises
 * of all that is to be expected. `report` is told of every fault of the disk that comes by.
 */
export function refuseInTrouble<T extends object>(group: T, report: (cause: unknown) => void): T {
  function answerFor(cause: unknown): ReturnType<typeof refuse> {
    const kind = troubleOf(cause)
    if (kind === null) throw cause
    report(cause)
    return refuse('unavailable', cause instanceof StorageFault ? cause.message : new StorageFault(kind).message)
  }
  const guarded = Object.entries(group).map(([name, call]: [string, unknown]) => {
    if (typeof call !== 'function') return [name, call]
    return [
      name,
      (...given: unknown[]): unknown => {
        try {
          const answer: unknown = call(...given)
          return answer instanceof Promise ? answer.catch(answerFor) : answer
        } catch (cause) {
          report(cause)
          throw cause
        }
      },
    ]
  })
  return Object.fromEntries(guarded) as T
}
