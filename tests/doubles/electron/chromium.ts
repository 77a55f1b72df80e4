import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type BrowserContext, chromium, type Page } from '@playwright/test'
import { chromiumLaunch } from '../../../scripts/chromium.ts'
import { app } from './app.ts'
import { announce } from './control.ts'

let started: Promise<BrowserContext> | null = null
let isAnnounced = false

function profileFolder(): string {
  return join(app.getPath('userData'), 'chromium')
}

function start(): Promise<BrowserContext> {
  const { args, ...launch } = chromiumLaunch()
  return chromium.launchPersistentContext(profileFolder(), {
    ...launch,
    // A spec drives the same page from its own process.
    args: [...args, '--remote-debugging-port=0'],
    viewport: null,
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  })
}

/** A new page of the one browser, which starts with the first. */
export async function newPage(): Promise<Page> {
  if (started === null) {
    started = start()
    const first = (await started).pages()[0]
    if (first !== undefined) return first
  }
  return (await started).newPage()
}

/**
 * Tells the spec where Chromium can be driven; called when the first page is there, since a second driver that comes
 * while a page is being made may wait for it for ever.
 */
export async function announceChromium(): Promise<void> {
  if (isAnnounced) return
  isAnnounced = true
  const portFile = join(profileFolder(), 'DevToolsActivePort')
  while (!existsSync(portFile)) await sleep(20)
  announce(Number(readFileSync(portFile, 'utf8').split('\n')[0]))
}

export async function closeChromium(): Promise<void> {
  if (started !== null) await (await started).close()
}
