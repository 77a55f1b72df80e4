import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import type { CDPSession, Page } from '@playwright/test'
import type * as Electron from 'electron'
import { app } from './app.ts'
import { ipcMain } from './ipc-main.ts'
import type { MessagePortMain } from './message-port.ts'
import { runPreload, type WireData, type WorldMessage } from './preload-world.ts'
import { ownUrl } from './protocol.ts'

const WORLD = 'electron-double-preload'
const BINDING = 'electronDoubleSend'

type WindowOpenHandler = Parameters<Electron.WebContents['setWindowOpenHandler']>[0]

function decode(data: WireData): unknown {
  return 'json' in data ? data.json : new Uint8Array(Buffer.from(data.base64, 'base64'))
}

function encode(data: unknown): WireData {
  return data instanceof Uint8Array ? { base64: Buffer.from(data).toString('base64') } : { json: data }
}

/** One loading of a page: the main frame as `senderFrame` names it, and the preload's world in it. */
class WebFrameMain {
  readonly parent = null
  readonly url: string
  readonly #send: (message: WorldMessage) => void
  readonly #ports = new Map<number, MessagePortMain>()

  constructor(url: string, send: (message: WorldMessage) => void) {
    this.url = url
    this.#send = send
  }

  postMessage(channel: string, message: unknown, transfer: MessagePortMain[] = []): void {
    const ports = transfer.map((port) => {
      const id = this.#ports.size
      this.#ports.set(id, port)
      return { id, port }
    })
    this.#send({ kind: 'ipc', channel, args: [message], ports: ports.map(({ id }) => id) })
    for (const { id, port } of ports) {
      port.transferTo({
        deliver: (data) => this.#send({ kind: 'port', id, data: encode(data) }),
        close: () => this.#send({ kind: 'port-close', id }),
      })
    }
  }

  receive(id: number, data: WireData): void {
    this.#ports.get(id)?.postFromPage(decode(data))
  }

  /** The page was left: what it held is gone. */
  destroyed(): void {
    for (const port of this.#ports.values()) port.close()
  }
}

export class WebContents extends EventEmitter {
  readonly #preferences: Electron.WebPreferences
  #windowOpenHandler: WindowOpenHandler | null = null
  #devtools: CDPSession | null = null
  /** By the number of the world, which is new with each loading of the page. */
  readonly #frames = new Map<number, WebFrameMain>()
  #url = ''

  constructor(preferences: Electron.WebPreferences) {
    super()
    this.#preferences = preferences
    app.emit('web-contents-created', {}, this)
  }

  getLastWebPreferences(): Electron.WebPreferences {
    return this.#preferences
  }
  getURL(): string {
    return this.#url
  }
  setWindowOpenHandler(handler: WindowOpenHandler): void {
    this.#windowOpenHandler = handler
  }

  /** The double's own: what a page that wants to open a window is told. */
  allowsWindow(url: string): boolean {
    const details = { url: ownUrl(url), frameName: '', features: '', disposition: 'new-window' }
    return this.#windowOpenHandler?.(details as Electron.HandlerDetails).action !== 'deny'
  }

  /** The double's own: the address that is loaded now. */
  shows(url: string): void {
    this.#url = url
  }

  /** The double's own: puts the preload into every page that `page` will load. */
  async attach(page: Page): Promise<void> {
    const devtools = await page.context().newCDPSession(page)
    this.#devtools = devtools
    // Places in the page are fragments of its address.
    page.on('framenavigated', (frame) => {
      if (frame.parentFrame() === null && frame.url() !== 'about:blank') this.#url = ownUrl(frame.url())
    })
    // Without isolation the page would share the preload's world, and a spec would see it.
    const isIsolated = this.#preferences.contextIsolation !== false
    const world = isIsolated ? { worldName: WORLD } : {}
    devtools.on('Runtime.executionContextDestroyed', ({ executionContextId }) => this.#leave(executionContextId))
    devtools.on('Runtime.executionContextsCleared', () => {
      for (const id of [...this.#frames.keys()]) this.#leave(id)
    })
    devtools.on('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
      if (name === BINDING) this.#receive(executionContextId, JSON.parse(payload) as WorldMessage)
    })
    await devtools.send('Runtime.enable')
    await devtools.send('Page.enable')
    await devtools.send(
      'Runtime.addBinding',
      isIsolated ? { name: BINDING, executionContextName: WORLD } : { name: BINDING },
    )
    const { preload } = this.#preferences
    if (preload === undefined) return
    const source = `if (window.top === window) (${runPreload.toString()})((require) => {${readFileSync(preload, 'utf8')}\n})`
    await devtools.send('Page.addScriptToEvaluateOnNewDocument', { source, ...world })
  }

  #leave(world: number): void {
    this.#frames.get(world)?.destroyed()
    this.#frames.delete(world)
  }

  #receive(world: number, message: WorldMessage): void {
    if (message.kind === 'port') this.#frames.get(world)?.receive(message.id, message.data)
    if (message.kind !== 'ipc') return
    const frame =
      this.#frames.get(world) ?? new WebFrameMain(ownUrl(message.url ?? ''), (out) => this.#send(world, out))
    this.#frames.set(world, frame)
    ipcMain.emit(message.channel, { sender: this, senderFrame: frame, ports: [] }, ...message.args)
  }

  #send(world: number, message: WorldMessage): void {
    const expression = `electronDoubleReceive(${JSON.stringify(JSON.stringify(message))})`
    // A page that was left meanwhile hears nothing, as with Electron.
    this.#devtools?.send('Runtime.evaluate', { expression, contextId: world }).catch(() => undefined)
  }
}
