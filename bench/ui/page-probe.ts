import type { Page } from '@playwright/test'
import { z } from 'zod'

/** What the browser noted since the last taking: interactions by the time until the next paint, and long frames. Times are ms. */
export interface Noted {
  readonly interactions: readonly { readonly name: string; readonly ms: number }[]
  /** Frames that held the page for over 50 ms, with what the longest script in each was. */
  readonly longFrames: readonly { readonly ms: number; readonly blocked_ms: number; readonly script: string }[]
}

const noted = z.object({
  interactions: z.array(z.object({ name: z.string(), ms: z.number() })),
  longFrames: z.array(z.object({ ms: z.number(), blocked_ms: z.number(), script: z.string() })),
})

/**
 * Runs in the page before anything of it. Interactions under 16 ms are not told by the browser; whoever counts them counts
 * those as 16.
 */
function observe(): void {
  const byInteraction = new Map<number, { name: string; ms: number }>()
  const longFrames: { ms: number; blocked_ms: number; script: string }[] = []
  const takeEvents = (list: PerformanceObserverEntryList) => {
    for (const entry of list.getEntries() as (PerformanceEntry & { interactionId?: number })[]) {
      if (entry.interactionId === undefined || entry.interactionId === 0) continue
      const known = byInteraction.get(entry.interactionId)
      if (known === undefined || known.ms < entry.duration) {
        byInteraction.set(entry.interactionId, { name: entry.name, ms: entry.duration })
      }
    }
  }
  const takeFrames = (list: PerformanceObserverEntryList) => {
    for (const entry of list.getEntries()) {
      const told = entry.toJSON() as {
        duration: number
        blockingDuration: number
        scripts: { duration: number; invoker: string; sourceFunctionName: string }[]
      }
      const [longest] = told.scripts.toSorted((one, two) => two.duration - one.duration)
      const script =
        longest === undefined
          ? 'style and layout'
          : `${longest.invoker} ${longest.sourceFunctionName} ${Math.round(longest.duration)}`
      longFrames.push({ ms: told.duration, blocked_ms: told.blockingDuration, script })
    }
  }
  new PerformanceObserver(takeEvents).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit)
  new PerformanceObserver(takeFrames).observe({ type: 'long-animation-frame' })
  Object.assign(window, {
    takeNoted() {
      const taken = { interactions: [...byInteraction.values()], longFrames: [...longFrames] }
      byInteraction.clear()
      longFrames.length = 0
      return taken
    },
  })
}

/** Has the browser take notes on every page that is loaded from now on. */
export async function installProbe(page: Page): Promise<void> {
  await page.addInitScript(observe)
}

/** Takes what was noted, and leaves nothing of it behind. */
export async function takeNoted(page: Page): Promise<Noted> {
  // Entries are handed out after the frame that they are about.
  await page.waitForTimeout(250)
  return noted.parse(await page.evaluate('takeNoted()'))
}

/** From the beginning of the load to the frame in which `selector` was first there, in ms. */
export async function firstSight(page: Page, url: string, selector: string): Promise<number> {
  await page.goto('about:blank')
  await page.goto(url, { waitUntil: 'commit' })
  return page.evaluate(
    (wanted) =>
      new Promise<number>((resolve) => {
        const look = () => {
          if (document.querySelector(wanted) === null) requestAnimationFrame(look)
          // The next task after the frame: by then it is painted.
          else requestAnimationFrame(() => setTimeout(() => resolve(performance.now())))
        }
        look()
      }),
    selector,
  )
}
