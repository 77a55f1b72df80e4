/** What a call takes a place at, and how many each may have. */
export interface CallPlace {
  readonly provider: string
  readonly profile: string
  readonly provider_cap: number
  readonly profile_cap: number
}

interface Waiting {
  readonly place: CallPlace
  readonly go: () => void
}

/**
 * Places for calls under way (E2). Runs are counted against the caps when they are claimed; but a run may also call the
 * model of another tier, to have work checked or helped with, and those calls must not come on top. Who finds no place
 * waits in turn.
 */
export interface CallSlots {
  /** Answers with what gives the place back; null where `signal` aborted before there was one. */
  enter(place: CallPlace, signal: AbortSignal): Promise<(() => void) | null>
}

export function createCallSlots(): CallSlots {
  const underWay: CallPlace[] = []
  let queue: Waiting[] = []

  function hasRoom({ provider, profile, provider_cap, profile_cap }: CallPlace): boolean {
    const atProvider = underWay.filter((call) => call.provider === provider)
    return (
      atProvider.length < provider_cap && atProvider.filter((call) => call.profile === profile).length < profile_cap
    )
  }

  function take(place: CallPlace): () => void {
    underWay.push(place)
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      underWay.splice(underWay.indexOf(place), 1)
      const waiting = queue
      queue = []
      for (const next of waiting) {
        if (hasRoom(next.place)) next.go()
        else queue.push(next)
      }
    }
  }

  return {
    enter(place, signal) {
      if (signal.aborted) return Promise.resolve(null)
      if (hasRoom(place)) return Promise.resolve(take(place))
      return new Promise((resolve) => {
        const leave = (): void => {
          queue = queue.filter((waiting) => waiting !== self)
          resolve(null)
        }
        const self: Waiting = {
          place,
          go() {
            signal.removeEventListener('abort', leave)
            resolve(take(place))
          },
        }
        queue.push(self)
        signal.addEventListener('abort', leave, { once: true })
      })
    },
  }
}
