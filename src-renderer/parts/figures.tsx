import { useEffect, useState } from 'react'
import { clock, duration, money, shortNumber, tokens } from '../texts/figures.ts'
import { classNames } from './class-names.ts'

/** An amount of money. `paid` gives it its ink; work that cost nothing because it was done here says so. */
export function Money({ micros, paid, className }: { micros: number; paid?: boolean; className?: string }) {
  const here = paid === false && micros === 0
  return (
    <span
      className={classNames(
        'figures whitespace-nowrap',
        paid === true && 'text-paid',
        paid === false && 'text-local',
        className,
      )}
    >
      {here ? '0 $ local' : money(micros)}
    </span>
  )
}

/** A count of tokens, shortened: `12.4k tok`. */
export function Tokens({ count, className }: { count: number; className?: string }) {
  return (
    <span className={classNames('figures whitespace-nowrap', className)} title={tokens(count)}>
      {shortNumber(count)} tok
    </span>
  )
}

/** Time between two moments; while `to` is null it ticks each second. */
export function Elapsed({ from, to, className }: { from: string | null; to: string | null; className?: string }) {
  const now = useNow(from !== null && to === null)
  if (from === null) return null
  const ms = Math.max(0, (to === null ? now : Date.parse(to)) - Date.parse(from))
  return (
    <time dateTime={`PT${Math.round(ms / 1000)}S`} className={classNames('figures whitespace-nowrap', className)}>
      {to === null ? clock(ms) : duration(ms)}
    </time>
  )
}

/** The present moment in ms, renewed each second while `ticking`. All clocks of the page turn together. */
export function useNow(ticking: boolean): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!ticking) return
    listeners.add(setNow)
    timer ??= setInterval(() => {
      const moment = Date.now()
      for (const listener of listeners) listener(moment)
    }, 1_000)
    return () => {
      listeners.delete(setNow)
      if (listeners.size === 0 && timer !== null) {
        clearInterval(timer)
        timer = null
      }
    }
  }, [ticking])
  return now
}

const listeners = new Set<(now: number) => void>()
let timer: ReturnType<typeof setInterval> | null = null
