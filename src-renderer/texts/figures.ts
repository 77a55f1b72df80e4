import { formatUsd, MICROS_PER_USD } from '#contract/money.ts'

/** Numbers, money and times as text, all through Intl, in the user's own way of writing dates. */

const count = new Intl.NumberFormat('en')
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' })
const dayAndTime = new Intl.DateTimeFormat('en', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
})
const precise = new Intl.DateTimeFormat('en', {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
})
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const deviation = new Intl.NumberFormat('en', { signDisplay: 'exceptZero', maximumFractionDigits: 0 })
const percentage = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 })

const utcDay = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', timeZone: 'UTC' })

/** `Nov 21` of `2026-11-21`, a day of UTC. */
export function monthDay(date: string): string {
  return utcDay.format(Date.parse(date))
}

/** `$0.0132` where small, `$4.10` else. */
export function money(micros: number): string {
  return formatUsd(micros)
}

/** `$0.40–$1.10`; `0 $ local` where nothing can be spent. */
export function moneyRange(low: number, high: number): string {
  if (high === 0) return '0 $ local'
  return low === high ? money(high) : `${money(low)}–${money(high)}`
}

/** `4 min to 21 min`. */
export function durationRange(low: number, high: number): string {
  return duration(low) === duration(high) ? duration(high) : `${duration(low)} to ${duration(high)}`
}

/** An amount for a field: `5.00`, as many digits as it needs. */
export function plainUsd(micros: number): string {
  const dollars = micros / MICROS_PER_USD
  return micros % 10_000 === 0 ? dollars.toFixed(2) : String(dollars)
}

/** `1,204`. */
export function number(value: number): string {
  return count.format(value)
}

/** `12.4K`. */
export function shortNumber(value: number): string {
  return short.format(value).toLowerCase()
}

export function tokens(value: number): string {
  return `${count.format(value)} tokens`
}

export function percent(fraction: number): string {
  return percentage.format(fraction)
}

/** `+12 %`, `-3 %`, `0 %`: how far off something was. */
export function signedPercent(fraction: number): string {
  return `${deviation.format(Math.round(100 * fraction))} %`
}

/** A length of time in words: `0.4 s`, `41 s`, `4 min`, `1 h 12 min`. */
export function duration(ms: number): string {
  if (ms < 50) return '< 0.1 s'
  if (ms < 950) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (seconds < 600 && seconds % 60 !== 0) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  return hours >= 10 || minutes % 60 === 0 ? `${Math.round(minutes / 60)} h` : `${hours} h ${minutes % 60} min`
}

/** A running clock: `0:41`, `1:02:03`. */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1_000)
  const two = (value: number) => String(value).padStart(2, '0')
  const hours = Math.floor(seconds / 3_600)
  const minutes = Math.floor(seconds / 60) % 60
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}

/** `9 kB`. */
export function bytes(size: number): string {
  if (size < 1_000) return `${size} B`
  if (size < 1_000_000) return `${(size / 1_000).toFixed(size < 10_000 ? 1 : 0)} kB`
  if (size < 1_000_000_000) return `${(size / 1_000_000).toFixed(1)} MB`
  return `${(size / 1_000_000_000).toFixed(1)} GB`
}

/** `5 minutes ago`, `yesterday`; after a week the date. */
export function ago(timestamp: string, now: number): string {
  const seconds = Math.round((Date.parse(timestamp) - now) / 1_000)
  const size = Math.abs(seconds)
  if (size < 45) return 'just now'
  if (size < 2_700) return relative.format(Math.round(seconds / 60), 'minute')
  if (size < 79_200) return relative.format(Math.round(seconds / 3_600), 'hour')
  if (size < 604_800) return relative.format(Math.round(seconds / 86_400), 'day')
  return day.format(Date.parse(timestamp))
}

export function dateTime(timestamp: string): string {
  return dayAndTime.format(Date.parse(timestamp))
}

export function exactTime(timestamp: string): string {
  return precise.format(Date.parse(timestamp))
}

/** A sentence of Baton's with the moments in it as this place writes them. */
export function withLocalTimes(text: string): string {
  return text.replace(/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g, dateTime)
}

/** One thing or several: `1 task`, `3 tasks`. */
export function counted(value: number, one: string, several = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : several}`
}
