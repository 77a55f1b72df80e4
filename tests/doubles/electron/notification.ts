import { EventEmitter } from 'node:events'
import type * as Electron from 'electron'
import { app } from './app.ts'

type Used = Pick<Electron.Notification, 'show' | 'close' | 'title' | 'body'>

/** What is shown now, the newest last; a spec clicks it by `emit('click')`. */
export const notifications: Notification[] = []

export class Notification extends EventEmitter implements Used {
  readonly title: string
  readonly body: string

  static isSupported(): boolean {
    return true
  }

  constructor({ title = '', body = '' }: Electron.NotificationConstructorOptions = {}) {
    super()
    if (!app.isReady()) throw new Error('Cannot create Notification before app is ready')
    this.title = title
    this.body = body
  }

  show(): void {
    notifications.push(this)
    this.emit('show')
  }

  close(): void {
    const at = notifications.indexOf(this)
    if (at < 0) return
    notifications.splice(at, 1)
    this.emit('close')
  }
}
