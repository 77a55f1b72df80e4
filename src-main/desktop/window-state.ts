import { readFileSync, writeFileSync } from 'node:fs'
import { type BrowserWindow, type Rectangle, screen } from 'electron'
import { z } from 'zod'
import type { Log } from '#core/core.ts'

const windowState = z.object({
  x: z.number().int().exactOptional(),
  y: z.number().int().exactOptional(),
  width: z.number().int().min(1),
  height: z.number().int().min(1),
  maximized: z.boolean(),
})
export type WindowState = z.infer<typeof windowState>

const FRESH: WindowState = { width: 1_280, height: 800, maximized: false }

function overlaps(a: Rectangle, b: Rectangle): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

/** Where the window was last; in the middle where it was never, or where that screen is gone. */
export function readWindowState(file: string): WindowState {
  let kept: WindowState | undefined
  try {
    kept = windowState.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data
  } catch {
    // Never written, or cut short: a fresh place loses nothing.
    return FRESH
  }
  if (kept === undefined) return FRESH
  const { x, y, ...size } = kept
  if (x === undefined || y === undefined) return size
  const isVisible = screen.getAllDisplays().some((display) => overlaps({ ...size, x, y }, display.workArea))
  return isVisible ? kept : size
}

/** Keeps the window's place when it closes or hides (as it does when the application ends). */
export function keepWindowState(window: BrowserWindow, file: string, log: Log): void {
  const keep = (): void => {
    const state: WindowState = { ...window.getNormalBounds(), maximized: window.isMaximized() }
    try {
      writeFileSync(file, JSON.stringify(state), { mode: 0o600 })
    } catch (fault) {
      log.warn('the place of the window could not be kept', { file, error: (fault as Error).message })
    }
  }
  window.on('close', keep)
  window.on('hide', keep)
}
