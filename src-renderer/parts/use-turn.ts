import { useEffect, useState } from 'react'

/** Waiting components, the first to come first. */
const waiting = new Set<() => void>()
/** So many fill their frames at once. */
const PER_FRAME = 12
let isAsked = false

function serve(): void {
  isAsked = false
  let served = 0
  for (const begin of waiting) {
    if (served === PER_FRAME) break
    waiting.delete(begin)
    begin()
    served += 1
  }
  ask()
}

function ask(): void {
  if (isAsked || waiting.size === 0) return
  isAsked = true
  requestAnimationFrame(serve)
}

/**
 * Whether it is this component's turn to draw all it has. Where many appear at once, each shows its outline first, and a
 * dozen are filled with each frame.
 */
export function useTurn(): boolean {
  const [isOn, setOn] = useState(false)
  useEffect(() => {
    const begin = () => setOn(true)
    waiting.add(begin)
    ask()
    return () => {
      waiting.delete(begin)
    }
  }, [])
  return isOn
}
