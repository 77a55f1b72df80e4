import { EventEmitter } from 'node:events'
import type * as Electron from 'electron'

/** Where a port leads that was handed to a page: messages of the shell go in, the page's come back by `receive`. */
export interface Bridge {
  deliver(data: unknown): void
  close(): void
}

type Used = Pick<Electron.MessagePortMain, 'postMessage' | 'start' | 'close'>

export class MessagePortMain extends EventEmitter implements Used {
  #other: MessagePortMain | null = null
  #bridge: Bridge | null = null
  #queue: unknown[] = []
  #isStarted = false
  #isClosed = false

  /** The double's own: ties the two ends of a channel. */
  static tie(one: MessagePortMain, other: MessagePortMain): void {
    one.#other = other
    other.#other = one
  }

  start(): void {
    this.#isStarted = true
    for (const data of this.#queue.splice(0)) this.#receive(data)
  }

  postMessage(message: unknown): void {
    if (this.#bridge !== null) throw new Error('The port was transferred and is of no use here any more.')
    this.#send(structuredClone(message))
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#bridge?.close()
    const other = this.#other
    if (other !== null) queueMicrotask(() => other.#disconnected())
  }

  /** The double's own: hands this end to a page. */
  transferTo(bridge: Bridge): void {
    this.#bridge = bridge
    this.start()
  }

  /** The double's own: a message that the page posted on this end. */
  postFromPage(message: unknown): void {
    this.#send(message)
  }

  #send(message: unknown): void {
    if (this.#other !== null) this.#other.#receive(message)
  }

  #receive(data: unknown): void {
    if (this.#isClosed) return
    if (!this.#isStarted) this.#queue.push(data)
    else if (this.#bridge !== null) this.#bridge.deliver(data)
    else queueMicrotask(() => this.emit('message', { data, ports: [] }))
  }

  #disconnected(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#bridge?.close()
    this.emit('close')
  }
}

export class MessageChannelMain {
  readonly port1 = new MessagePortMain()
  readonly port2 = new MessagePortMain()
  constructor() {
    MessagePortMain.tie(this.port1, this.port2)
  }
}
