import { EventEmitter } from 'node:events'
import type { Page, Request, Route } from '@playwright/test'
import type * as Electron from 'electron'
import { app } from './app.ts'
import { announceChromium, closeChromium, newPage } from './chromium.ts'
import { isPrevented } from './emitter.ts'
import { answerOf, ownUrl, shownUrl } from './protocol.ts'
import { session } from './session.ts'
import { WebContents } from './web-contents.ts'

type Used = Pick<
  Electron.BrowserWindow,
  | 'loadURL'
  | 'reload'
  | 'show'
  | 'hide'
  | 'isVisible'
  | 'focus'
  | 'blur'
  | 'isFocused'
  | 'minimize'
  | 'isMinimized'
  | 'restore'
  | 'maximize'
  | 'isMaximized'
  | 'getNormalBounds'
  | 'close'
  | 'destroy'
  | 'isDestroyed'
>

const open = new Set<BrowserWindow>()

export class BrowserWindow extends EventEmitter implements Used {
  readonly webContents: WebContents
  readonly #bounds: Electron.Rectangle
  readonly #page: Promise<Page>
  #isVisible: boolean
  #isFocused = false
  #isMinimized = false
  #isMaximized = false
  /** The address that the application itself is loading: only a page's own navigations can be prevented. */
  #asked: string | null = null

  static getAllWindows(): BrowserWindow[] {
    return [...open]
  }

  constructor(options: Electron.BrowserWindowConstructorOptions = {}) {
    super()
    if (!app.isReady()) throw new Error('Cannot create BrowserWindow before app is ready')
    const { x = 0, y = 0, width = 800, height = 600 } = options
    this.#bounds = { x, y, width, height }
    this.#isVisible = options.show !== false
    this.webContents = new WebContents(options.webPreferences ?? {})
    this.#page = this.#openPage()
    open.add(this)
  }

  async #openPage(): Promise<Page> {
    const page = await newPage()
    const { width, height } = this.#bounds
    await page.setViewportSize({ width, height })
    await page.route('**/*', (route) => this.#answer(route))
    page.on('popup', async (popup) => {
      // Chromium opens first and is asked after; a denied window is closed before it shows anything.
      if (!this.webContents.allowsWindow(popup.url())) await popup.close()
    })
    page.on('close', () => this.#closed())
    await this.webContents.attach(page)
    return page
  }

  async #answer(route: Route): Promise<void> {
    const request = route.request()
    const url = ownUrl(request.url())
    if (request.isNavigationRequest() && this.#isPreventedNavigation(request, url)) {
      // "No content" leaves the page where it is.
      await route.fulfill({ status: 204 })
      return
    }
    if (!session.defaultSession.lets({ url, method: request.method() })) {
      await route.abort('blockedbyclient')
      return
    }
    const answer = await answerOf(url, request.method())
    if (answer === null) {
      await route.continue()
      return
    }
    const body = Buffer.from(await answer.arrayBuffer())
    await route.fulfill({ status: answer.status, headers: Object.fromEntries(answer.headers), body })
  }

  #isPreventedNavigation(request: Request, url: string): boolean {
    const isMainFrame = request.frame().parentFrame() === null
    if (isMainFrame && url === this.#asked) {
      this.#asked = null
      return false
    }
    const details = { url, isMainFrame, isSameDocument: false }
    const isFramePrevented = isPrevented(this.webContents, 'will-frame-navigate', details)
    return isFramePrevented || (isMainFrame && isPrevented(this.webContents, 'will-navigate', details))
  }

  async loadURL(url: string): Promise<void> {
    const page = await this.#page
    this.webContents.shows(url)
    await page.context().grantPermissions(session.defaultSession.grantedTo(this.webContents))
    this.#asked = url
    await page.goto(shownUrl(url), { waitUntil: 'domcontentloaded' })
    // A change of the fragment alone asks for nothing.
    this.#asked = null
    this.emit('ready-to-show')
    await announceChromium()
  }

  reload(): void {
    void this.loadURL(this.webContents.getURL())
  }

  show(): void {
    this.#isVisible = true
    this.focus()
  }
  hide(): void {
    this.#isVisible = false
    this.blur()
    this.emit('hide')
  }
  isVisible(): boolean {
    return this.#isVisible
  }
  focus(): void {
    this.#isFocused = true
    this.emit('focus')
    app.emit('browser-window-focus', {}, this)
  }
  blur(): void {
    this.#isFocused = false
    this.emit('blur')
  }
  isFocused(): boolean {
    return this.#isFocused
  }
  minimize(): void {
    this.#isMinimized = true
  }
  isMinimized(): boolean {
    return this.#isMinimized
  }
  restore(): void {
    this.#isMinimized = false
  }
  maximize(): void {
    this.#isMaximized = true
  }
  isMaximized(): boolean {
    return this.#isMaximized
  }
  getNormalBounds(): Electron.Rectangle {
    return this.#bounds
  }

  close(): void {
    if (!isPrevented(this, 'close')) this.destroy()
  }
  destroy(): void {
    open.delete(this)
    this.emit('closed')
    void this.#page.then((page) => page.close())
    if (open.size === 0) app.emit('window-all-closed')
  }
  isDestroyed(): boolean {
    return !open.has(this)
  }

  /** The page is gone, however that came; nothing can be prevented any more. */
  #closed(): void {
    if (!open.has(this)) return
    isPrevented(this, 'close')
    this.destroy()
  }
}

app.closes({
  closeAll() {
    for (const window of BrowserWindow.getAllWindows()) window.close()
    return open.size === 0
  },
  async destroyAll() {
    open.clear()
    await closeChromium()
  },
})
