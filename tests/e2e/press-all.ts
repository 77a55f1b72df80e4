import { expect, type Locator, type Page } from '@playwright/test'
import type { Furnished } from './furnished.ts'
import { PressWatch } from './press-watch.ts'
import { openScreen, type Screen } from './screens.ts'

/** Buttons, menu items, switches, boxes, tabs and radios that can be pressed. */
const CONTROLS = [
  'button:enabled',
  'summary',
  'input:is([type=checkbox], [type=radio]):enabled',
  ':is([role=button], [role=menuitem], [role=switch], [role=tab], [role=radio]):not(button, input)',
]
  .map((each) => `${each}:not([aria-disabled=true], [aria-hidden=true] *, [inert] *)`)
  .join(', ')

/** What stands above the page and keeps the rest of it out of reach. */
const LAYER = 'dialog[open], [role=menu]'
/** These end what others are found on. */
const LAST = /"(delete|remove|cancel|stop|restore|revoke|close|forget|approve|reject|turn off)/i
const PRESS_MS = 20_000

/** One control of a place. */
interface Control {
  /** Among all of the place, in the order of the page. */
  readonly index: number
  /** Role and name, and which of those that are called the same. */
  readonly key: string
}

function controlsIn(place: Locator): Locator {
  return place.locator(CONTROLS).filter({ visible: true })
}

/** What can be pressed there and is not silent by right: what is chosen already stays as it is. */
async function listControls(place: Locator): Promise<Control[]> {
  const listed = await controlsIn(place).evaluateAll((elements) =>
    elements.map((element, index) => {
      const role = element.getAttribute('role') ?? (element instanceof HTMLInputElement ? element.type : 'button')
      const isChosen =
        element.matches('[aria-selected=true], [aria-current=true], [data-node][aria-pressed=true]') ||
        (role === 'radio' && (element.getAttribute('aria-checked') === 'true' || element.matches(':checked')))
      const labels = element instanceof HTMLInputElement ? [...(element.labels ?? [])] : []
      // biome-ignore lint/performance/useDomNodeTextContent: a name is what is seen
      const seen = [element, ...labels].map((each) => (each instanceof HTMLElement ? each.innerText.trim() : ''))
      const name = element.getAttribute('aria-label') ?? seen.find((text) => text !== '') ?? ''
      // A count or a time in the name makes no other button of it.
      const called = `${role} "${name.replaceAll(/\s+/g, ' ').replaceAll(/\d+/g, '#').slice(0, 80)}"`
      // Toasts come and go; they are closed before each press.
      return { index, called, isLeftOut: isChosen || element.closest('[aria-live=polite]') !== null }
    }),
  )
  const counts = new Map<string, number>()
  const controls: Control[] = []
  for (const { index, called, isLeftOut } of listed) {
    if (isLeftOut) continue
    const nth = (counts.get(called) ?? 0) + 1
    counts.set(called, nth)
    controls.push({ index, key: nth === 1 ? called : `${called} (${nth})` })
  }
  return [...controls.filter(({ key }) => !LAST.test(key)), ...controls.filter(({ key }) => LAST.test(key))]
}

/** Presses everything on screens of one Baton, and keeps what was found wrong. */
export class Presser {
  readonly #page: Page
  readonly #baton: Furnished
  readonly #watch: PressWatch
  readonly #wrong = new Set<string>()
  #presses = 0

  constructor(page: Page, baton: Furnished) {
    this.#page = page
    this.#baton = baton
    this.#watch = new PressWatch(page)
  }

  /** How often something was pressed. */
  get presses(): number {
    return this.#presses
  }

  /** What was found wrong: each with the screen and what was pressed there. */
  get wrong(): readonly string[] {
    return [...this.#wrong, ...this.#watch.faults]
  }

  /**
   * Presses each control of a screen once, and each of a dialog or menu that opens from there. The screen is opened anew
   * for each press. `part`: the selector of what belongs to the screen where nothing stands above it.
   */
  async pressAll(screen: Screen, part: string): Promise<void> {
    const tried = new Set<string>()
    for (;;) {
      const place = await this.#open(screen, part)
      const next = (await listControls(place)).find(({ key }) => !tried.has(key))
      if (next === undefined) return
      tried.add(next.key)
      if (await this.#press(screen.name, place, next)) await this.#pressInLayer(screen, part, next.key)
    }
  }

  /** `opener` has opened a dialog or a menu. */
  async #pressInLayer(screen: Screen, part: string, opener: string): Promise<void> {
    const tried = new Set<string>()
    for (;;) {
      const layer = this.#page.locator(LAYER).last()
      const next = (await listControls(layer)).find(({ key }) => !tried.has(key))
      if (next === undefined) return
      tried.add(next.key)
      await this.#press(`${screen.name}, ${opener}`, layer, next)
      const place = await this.#open(screen, part)
      const again = (await listControls(place)).find(({ key }) => key === opener)
      // What it asked about has been done, or needs no asking any more.
      if (again === undefined || !(await this.#press(screen.name, place, again))) return
    }
  }

  /** Opens the screen as if it had not been open, and answers with what is pressed there. */
  async #open(screen: Screen, part: string): Promise<Locator> {
    this.#watch.at(`${screen.name}, opened`)
    await this.#page.evaluate(() => {
      for (const dialog of document.querySelectorAll('dialog')) dialog.close()
      location.hash = '/nowhere'
    })
    await expect(this.#page.locator('main')).toContainText('/nowhere')
    await openScreen(this.#page, this.#baton, screen)
    await this.#watch.settled()
    const toasts = this.#page.locator('[aria-live=polite] button')
    await toasts.evaluateAll((closing: HTMLElement[]) => {
      for (const button of closing) button.click()
    })
    await expect(toasts).toHaveCount(0)
    const layer = this.#page.locator(LAYER)
    return (await layer.count()) > 0 ? layer.last() : this.#page.locator(part)
  }

  /** Whether the press has opened a dialog or a menu. */
  async #press(where: string, place: Locator, { index, key }: Control): Promise<boolean> {
    const name = `${where}: ${key}`
    this.#watch.at(name)
    this.#presses += 1
    const layers = await this.#page.locator(LAYER).count()
    const control = controlsIn(place).nth(index)
    try {
      // A tooltip, and what the pointer and the focus light, are there before the press. The focus alone chooses a tab.
      if (key.startsWith('button')) await control.focus({ timeout: PRESS_MS })
      await control.hover({ timeout: PRESS_MS })
      await this.#watch.settled()
      if (!(await this.#watch.comesOf(() => control.click({ timeout: PRESS_MS }))))
        this.#wrong.add(`${name}: nothing comes of it`)
    } catch (error) {
      const lines = String(error).split('\n')
      const why = lines.findLast((line) => line.includes('intercepts')) ?? lines.slice(0, 6).join(' ')
      this.#wrong.add(`${name}: cannot be pressed: ${why.trim()}`)
    }
    await this.#watch.settled()
    await this.#readAlerts(name)
    return (await this.#page.locator(LAYER).count()) > layers
  }

  /** Each box says what happened and what to do: in a second sentence, or by a button. */
  async #readAlerts(name: string): Promise<void> {
    const alerts = await this.#page.getByRole('alert').evaluateAll((boxes: HTMLElement[]) =>
      boxes.map((box) => ({
        // biome-ignore lint/performance/useDomNodeTextContent: what is seen, line by line
        text: box.innerText.trim(),
        acts: box.querySelector('a, button:not([aria-label=Close])') !== null,
      })),
    )
    for (const { text, acts } of alerts) {
      const parts = text.split(/[.:;?,](?:\s|$)|\n/).filter((part) => part.trim() !== '')
      if (!acts && parts.length < 2) this.#wrong.add(`${name}: does not say what to do: ${text}`)
      if (/undefined|\[object|NaN|is not a function|Something unexpected/.test(text))
        this.#wrong.add(`${name}: no words for a person: ${text}`)
    }
  }
}
