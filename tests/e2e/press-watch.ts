import { expect, type Page, type Request } from '@playwright/test'

/** Nothing that was pressed takes this long to show that it was. */
const EFFECT_MS = 15_000

/** What the page itself notes between two looks, kept on its window. */
interface Noted {
  changed: boolean
}

/**
 * Runs in the page: notes from now on whether anything that a person can see becomes another, be it for one frame only.
 * Tooltips come and go with the pointer and count for nothing, as does where the focus is outside of fields and dialogs.
 */
function noteChanges(): void {
  const PASSING = new Set(['data-state', 'aria-describedby', 'tabindex'])
  const look = (): string => {
    const seen: string[] = [location.href]
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (node) =>
      node instanceof Element && node.matches('[data-radix-popper-content-wrapper]:has([role=tooltip])')
        ? NodeFilter.FILTER_REJECT
        : NodeFilter.FILTER_ACCEPT,
    )
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      if (!(node instanceof Element)) {
        seen.push(node.nodeValue ?? '')
        continue
      }
      seen.push(node.tagName)
      for (const { name, value } of node.attributes) if (!PASSING.has(name)) seen.push(`${name}=${value}`)
      if (node instanceof HTMLInputElement) seen.push(`${node.value} ${node.checked}`)
      if (node instanceof HTMLTextAreaElement || node instanceof HTMLSelectElement) seen.push(node.value)
      if (node.scrollTop + node.scrollLeft > 0) seen.push(`at ${node.scrollTop} ${node.scrollLeft}`)
      if (node === document.activeElement && node.matches('input, textarea, select, dialog, main'))
        seen.push('has the focus')
    }
    return seen.join('\n')
  }
  const before = look()
  const noted: Noted = { changed: false }
  Object.assign(window, { noted })
  let waits = false
  const check = () => {
    if (noted.changed || waits) return
    waits = true
    // What comes and goes within one frame is not seen.
    requestAnimationFrame(() => {
      waits = false
      noted.changed ||= look() !== before
    })
  }
  new MutationObserver(check).observe(document, {
    subtree: true,
    childList: true,
    attributes: true,
    characterData: true,
  })
  for (const name of ['scroll', 'focusin', 'input', 'change', 'hashchange'])
    window.addEventListener(name, check, { capture: true })
}

function wasChanged(): boolean {
  return 'noted' in window && (window.noted as Noted).changed
}

/** A stream of events stays open for as long as the page. */
function isAwaited(request: Request): boolean {
  const { pathname } = new URL(request.url())
  return /^(fetch|xhr)$/.test(request.resourceType()) && !pathname.endsWith('/events')
}

/** Sees what comes of a press, and everything that goes wrong in the page whatever was pressed. */
export class PressWatch {
  readonly #page: Page
  #open = new Set<Request>()
  /** Effects of the present press that do not stand on the page. */
  #effects = 0
  #place = ''
  /** What went wrong, each with where. */
  readonly faults: string[] = []

  constructor(page: Page) {
    this.#page = page
    const effect = () => {
      this.#effects += 1
    }
    const fault = (text: string) => this.faults.push(`${this.#place}: ${text}`)
    page.on('download', effect)
    page.on('filechooser', effect)
    page.on('popup', (opened) => {
      effect()
      void opened.close()
    })
    // Leaving the document for another counts; so does what the browser itself asks.
    page.on('domcontentloaded', effect)
    page.on('dialog', (dialog) => {
      effect()
      void dialog.accept()
    })
    page.on('request', (request) => {
      if (!isAwaited(request)) return
      this.#open.add(request)
      if (request.method() !== 'GET') effect()
    })
    page.on('requestfinished', (request) => this.#open.delete(request))
    page.on('requestfailed', (request) => this.#open.delete(request))
    page.on('response', (response) => {
      if (response.status() >= 500)
        fault(`${response.request().method()} ${response.url()} answers ${response.status()}`)
    })
    page.on('pageerror', (error) => fault(`not caught: ${error.message}`))
    page.on('console', (message) => {
      // The browser's own line on an answer of 400 or above: those of 500 are faults by themselves, others are said on the page.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) fault(message.text())
    })
  }

  /** What goes wrong from now on is told with this. */
  at(place: string): void {
    this.#place = place
  }

  /** Waits until nothing that was asked for is missing and everything that was moved is drawn. */
  async settled(): Promise<void> {
    const idle = async () =>
      this.#open.size === 0 && (await this.#page.getByRole('status', { name: 'Loading' }).count()) === 0
    await expect
      .poll(idle, { message: `${this.#place}: what was asked for is still missing`, intervals: [10, 20, 50] })
      .toBe(true)
    await this.#page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    )
  }

  /** Does `press`, and answers whether anything came of it. */
  async comesOf(press: () => Promise<void>): Promise<boolean> {
    this.#effects = 0
    await this.#page.evaluate(noteChanges)
    await press()
    // While another document comes, none can be asked.
    const came = async () => this.#effects > 0 || (await this.#page.evaluate(wasChanged).catch(() => false))
    return expect
      .poll(came, { timeout: EFFECT_MS, intervals: [10, 20, 50, 100] })
      .toBe(true)
      .then(
        () => true,
        () => false,
      )
  }
}
