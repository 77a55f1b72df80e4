/**
 * `node scripts/make-icons.ts`, after a change of the drawings below: draws the icons of the application and of the tray in
 * Chromium and writes them to `resources/icons`. They are committed, so that no build needs a browser.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Browser, chromium } from '@playwright/test'
import { chromiumLaunch } from './chromium.ts'
import { icnsOf, icoOf, type SizedPng } from './icon-files.ts'

const folder = join(dirname(import.meta.dirname), 'resources', 'icons')
const TRAY_SIZE = 16
const LINUX_SIZES = [16, 24, 32, 48, 64, 128, 256, 512]
const WINDOWS_SIZES = [16, 24, 32, 48, 64, 128, 256]
const ALL_SIZES = [...LINUX_SIZES, 1_024]

/** A baton: the teal of local work, tipped with the amber of paid work. Margins as macOS has them. */
const APPLICATION = `<rect x="2.5" y="2.5" width="27" height="27" rx="6" fill="#1b1d22"/>
<path d="M9 23 19.5 12.5" stroke="#2fb3a4" stroke-width="4.4" stroke-linecap="round"/>
<path d="m19.5 12.5 3.5-3.5" stroke="#e0a12e" stroke-width="4.4" stroke-linecap="round"/>`

/** The state is a shape in the corner, beside its colour: macOS draws all in one. */
const TRAY_STATES = {
  idle: () => '',
  running: (colour: string) => `<circle cx="23" cy="23" r="5.5" fill="none" stroke="${colour}" stroke-width="4"/>`,
  'needs-you': (colour: string) => `<circle cx="23" cy="23" r="7.5" fill="${colour}"/>`,
  error: (colour: string) =>
    `<path d="m17.5 17.5 11 11m0-11-11 11" stroke="${colour}" stroke-width="4.4" stroke-linecap="round"/>`,
}
const COLOURS = { idle: '', running: '#2fb3a4', 'needs-you': '#9a7bff', error: '#ee4b3f' }
/** `light` is for light panels, `dark` for dark ones; of a template macOS takes the shape alone. */
const INKS = { light: '#1b1d22', dark: '#eceef2', template: '#000000' }

function trayDrawing(state: keyof typeof TRAY_STATES, ground: keyof typeof INKS): string {
  const ink = INKS[ground]
  const colour = ground === 'template' ? ink : COLOURS[state]
  const end = state === 'idle' ? 'M6 26 26 6' : 'M6 24 24 6'
  return `<path d="${end}" stroke="${ink}" stroke-width="5.5" stroke-linecap="round"/>${TRAY_STATES[state](colour)}`
}

/** Draws on nothing: what is not painted is transparent. */
async function draw(browser: Browser, drawing: string, size: number): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width: size, height: size } })
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 32 32">${drawing}</svg>`
  await page.setContent(`<style>*{margin:0}svg{display:block}</style>${svg}`)
  const png = await page.screenshot({ omitBackground: true })
  await page.close()
  return png
}

const browser = await chromium.launch(chromiumLaunch())
mkdirSync(join(folder, 'tray'), { recursive: true })
mkdirSync(join(folder, 'linux'), { recursive: true })
const images: SizedPng[] = []
for (const size of ALL_SIZES) images.push({ size, png: await draw(browser, APPLICATION, size) })
for (const { size, png } of images) {
  if (LINUX_SIZES.includes(size)) writeFileSync(join(folder, 'linux', `${size}x${size}.png`), png)
}
writeFileSync(join(folder, 'baton.ico'), icoOf(images.filter(({ size }) => WINDOWS_SIZES.includes(size))))
writeFileSync(join(folder, 'baton.icns'), icnsOf(images))
for (const state of Object.keys(TRAY_STATES) as (keyof typeof TRAY_STATES)[]) {
  for (const ground of Object.keys(INKS) as (keyof typeof INKS)[]) {
    // By the end of the name macOS knows a template, and every system the double size.
    const name = ground === 'template' ? `${state}Template` : `${state}-${ground}`
    const drawing = trayDrawing(state, ground)
    writeFileSync(join(folder, 'tray', `${name}.png`), await draw(browser, drawing, TRAY_SIZE))
    writeFileSync(join(folder, 'tray', `${name}@2x.png`), await draw(browser, drawing, TRAY_SIZE * 2))
  }
}
await browser.close()
