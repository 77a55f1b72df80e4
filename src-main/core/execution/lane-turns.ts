import { Heap } from './heap.ts'
import type { ModelGroups } from './model-groups.ts'
import type { Lane } from './ready-queue.ts'

/**
 * Which lane goes next within one turn. A lane is asked for with {@link LaneTurns.next}, and takes part again once it is
 * given back; one that is not is closed for the rest of the turn. So a turn looks at each lane once and then only at those
 * that go, however many projects there are.
 */
export interface LaneTurns {
  next(): Lane | undefined
  giveBack(lane: Lane): void
  /** The lane's tasks go to this profile; known from now on. */
  goesTo(lane: Lane, profile: string): void
  profileOf(lane: Lane): string | undefined
  /** Lanes that take part now. */
  open(): Lane[]
  /** Another model was given work, or more profiles are known: whose tasks go first is looked at anew. */
  reorder(): void
}

interface Entry {
  readonly lane: Lane
  readonly key: number
}

export function createLaneTurns(lanes: Iterable<Lane>, groups: Pick<ModelGroups, 'headStart'>): LaneTurns {
  const heap = new Heap<Entry>((a, b) => a.key < b.key || (a.key === b.key && a.lane.age < b.lane.age))
  const profiles = new Map<string, string>()

  function giveBack(lane: Lane): void {
    if (lane.size === 0) return
    heap.push({ lane, key: lane.firstKey() - groups.headStart(profiles.get(lane.name)) })
  }
  for (const lane of lanes) giveBack(lane)

  function open(): Lane[] {
    const entries = heap.takeAll()
    for (const entry of entries) heap.push(entry)
    return entries.map(({ lane }) => lane)
  }

  return {
    next: () => heap.take()?.lane,
    giveBack,
    goesTo: (lane, profile) => void profiles.set(lane.name, profile),
    profileOf: (lane) => profiles.get(lane.name),
    open,
    reorder() {
      for (const { lane } of heap.takeAll()) giveBack(lane)
    },
  }
}
