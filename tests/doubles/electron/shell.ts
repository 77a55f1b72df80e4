import { existsSync } from 'node:fs'
import type * as Electron from 'electron'

/** What the system was asked to open. */
export const openedPaths: string[] = []

export const shell = {
  async openPath(path: string): Promise<string> {
    if (!existsSync(path)) return `Failed to open path: ${path}`
    openedPaths.push(path)
    return ''
  },
} satisfies Pick<Electron.Shell, 'openPath'>
