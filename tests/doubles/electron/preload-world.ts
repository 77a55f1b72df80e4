/** A message between the double and the preload's world in the page. Ports go by number. */
export type WorldMessage =
  | { kind: 'ipc'; channel: string; args: unknown[]; ports: number[]; url?: string }
  | { kind: 'port'; id: number; data: WireData }
  | { kind: 'port-close'; id: number }

/** What a port carries: JSON's values, or bytes as base64. */
export type WireData = { json: unknown } | { base64: string }

/**
 * Runs in the page, in a world of its own as Electron's isolated preloads do: gives `preload` a `require` that knows
 * `electron`, with the part of `ipcRenderer` that Baton uses. Must not refer to anything outside of itself.
 */
export function runPreload(preload: (require: (name: string) => unknown) => void): void {
  const world = globalThis as unknown as {
    electronDoubleSend(text: string): void
    electronDoubleReceive(text: string): void
  }
  type Listener = (event: { ports: MessagePort[] }, ...args: unknown[]) => void
  const listeners = new Map<string, Listener[]>()
  const ports = new Map<number, MessagePort>()
  const send = (message: WorldMessage) => world.electronDoubleSend(JSON.stringify(message))
  const encode = (data: unknown): WireData =>
    data instanceof Uint8Array ? { base64: btoa(String.fromCharCode(...data)) } : { json: data }
  const decode = (data: WireData): unknown =>
    'json' in data ? data.json : Uint8Array.from(atob(data.base64), (letter) => letter.charCodeAt(0))

  const open = (id: number) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = (event) => send({ kind: 'port', id, data: encode(event.data) })
    ports.set(id, port1)
    return port2
  }
  world.electronDoubleReceive = (text) => {
    const message = JSON.parse(text) as WorldMessage
    if (message.kind === 'port') ports.get(message.id)?.postMessage(decode(message.data))
    else if (message.kind === 'port-close') ports.get(message.id)?.close()
    else {
      const event = { ports: message.ports.map(open) }
      for (const listener of listeners.get(message.channel) ?? []) listener(event, ...message.args)
    }
  }
  const ipcRenderer = {
    on(channel: string, listener: Listener) {
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener])
    },
    send(channel: string, ...args: unknown[]) {
      send({ kind: 'ipc', channel, args, ports: [], url: location.href })
    },
  }
  preload((name) => {
    // A sandboxed preload has no more than this.
    if (name !== 'electron') throw new Error(`module not found: ${name}`)
    return { ipcRenderer }
  })
}
