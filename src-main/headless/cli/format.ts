import { formatUsd } from '#contract/money.ts'

/** `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatMs(ms: number): string {
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  return minutes % 60 === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** `about 2 s`, `1–3 min`: an estimate must not look like a measurement. */
export function formatMsRange(low: number, high: number): string {
  return formatMs(low) === formatMs(high) ? `about ${formatMs(low)}` : `${formatMs(low)} – ${formatMs(high)}`
}

export function formatUsdRange(low: number, high: number): string {
  return low === high ? formatUsd(low) : `${formatUsd(low)} – ${formatUsd(high)}`
}

/** Work that cost nothing because it was done here is said so (UI.md). */
export function formatCost(micros: number, paid: boolean): string {
  return paid || micros > 0 ? formatUsd(micros) : '0 $ local'
}

/** `812`, `1.2k`, `3.4M`. */
export function formatTokens(count: number): string {
  if (count < 1_000) return String(count)
  return count < 1_000_000 ? `${(count / 1_000).toFixed(1)}k` : `${(count / 1_000_000).toFixed(1)}M`
}

export function formatBytes(count: number): string {
  if (count < 1_000) return `${count} B`
  if (count < 1_000_000) return `${(count / 1_000).toFixed(1)} kB`
  return count < 1_000_000_000 ? `${(count / 1_000_000).toFixed(1)} MB` : `${(count / 1_000_000_000).toFixed(1)} GB`
}

/** Amount of dollars as a number for scripts. */
export function usdNumber(micros: number): number {
  return micros / 1_000_000
}

/** Columns to write text in; a screen wider than this is hard to read along. */
export function textColumns(stream: NodeJS.WriteStream): number {
  return Math.min(stream.columns || 100, 100)
}

/** A model profile's name for a person; the demo model says what it is wherever it shows (R2). */
export function profileLabel(name: string): string {
  return name === 'demo' ? 'demo: no AI' : name
}
