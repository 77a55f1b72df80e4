import type { EventEmitter } from 'node:events'

/** The event that Electron passes first to a listener that may prevent what is about to happen. */
export interface PreventableEvent {
  readonly defaultPrevented: boolean
  preventDefault(): void
}

export function preventable<T extends object>(details: T): T & PreventableEvent {
  let defaultPrevented = false
  return {
    ...details,
    get defaultPrevented() {
      return defaultPrevented
    },
    preventDefault() {
      defaultPrevented = true
    },
  }
}

/** Emits a preventable event; tells whether a listener prevented it. */
export function isPrevented(emitter: EventEmitter, name: string, details: object = {}, ...rest: unknown[]): boolean {
  const event = preventable(details)
  emitter.emit(name, event, ...rest)
  return event.defaultPrevented
}
