import { EventEmitter, once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import type * as Electron from 'electron'
import { isPrevented } from './emitter.ts'

type Used = Pick<
  Electron.App,
  | 'whenReady'
  | 'isReady'
  | 'quit'
  | 'exit'
  | 'relaunch'
  | 'getPath'
  | 'setPath'
  | 'requestSingleInstanceLock'
  | 'isPackaged'
  | 'getAppPath'
  | 'setAppUserModelId'
  | 'setAsDefaultProtocolClient'
  | 'getLoginItemSettings'
  | 'setLoginItemSettings'
>

/** A second start tells the first one with this signal, for want of Electron's own socket. */
const SECOND_START = 'SIGUSR2'
/** In the application's own folder: the arguments of the latest second start. */
const SECOND_ARGUMENTS = 'SecondArguments'

/** Windows and browser, which the application ends; they are named here so that nothing imports in a circle. */
export interface Closable {
  closeAll(): boolean
  destroyAll(): Promise<void>
}

class App extends EventEmitter implements Used {
  readonly isPackaged = false
  #isReady = false
  #isEnding = false
  #paths = new Map<string, string>([
    ['userData', join(tmpdir(), 'electron-double')],
    ['appData', process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config')],
  ])
  #loginItem: Electron.Settings = { openAtLogin: false }
  #windows: Closable | null = null
  #lock: string | null = null

  constructor() {
    super()
    // Electron lives without a window and without work.
    const alive = setInterval(() => {}, 60_000)
    this.once('quit', () => clearInterval(alive))
    setImmediate(() => {
      this.#isReady = true
      this.emit('ready')
    })
  }

  /** The double's own: who is closed when the application ends. */
  closes(windows: Closable): void {
    this.#windows = windows
  }

  isReady(): boolean {
    return this.#isReady
  }

  async whenReady(): Promise<void> {
    if (!this.#isReady) await once(this, 'ready')
  }

  getPath(name: Parameters<Electron.App['getPath']>[0]): string {
    const path = this.#paths.get(name)
    if (path === undefined) throw new Error(`Failed to get '${name}' path`)
    return path
  }

  setPath(name: string, path: string): void {
    if (this.#lock !== null) throw new Error('Too late: the single-instance lock lies in the former folder.')
    this.#paths.set(name, path)
  }

  getAppPath(): string {
    return join(import.meta.dirname, '..', '..', '..')
  }

  /** Of Windows alone; nothing here shows it. */
  setAppUserModelId(_id: string): void {}

  /** Nothing may change what the system of a test opens links with. */
  setAsDefaultProtocolClient(): boolean {
    return false
  }

  getLoginItemSettings(): Electron.LoginItemSettings {
    return { ...this.#loginItem, openAtLogin: this.#loginItem.openAtLogin === true } as Electron.LoginItemSettings
  }

  setLoginItemSettings(settings: Electron.Settings): void {
    this.#loginItem = settings
  }

  requestSingleInstanceLock(): boolean {
    const file = join(this.getPath('userData'), 'SingletonLock')
    const argumentsFile = join(this.getPath('userData'), SECOND_ARGUMENTS)
    mkdirSync(this.getPath('userData'), { recursive: true })
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' })
    } catch {
      const holder = Number(readFileSync(file, 'utf8'))
      try {
        writeFileSync(argumentsFile, JSON.stringify(process.argv))
        process.kill(holder, SECOND_START)
        return false
      } catch {
        writeFileSync(file, String(process.pid))
      }
    }
    this.#lock = file
    process.on(SECOND_START, () => {
      const args: unknown = JSON.parse(readFileSync(argumentsFile, 'utf8'))
      this.emit('second-instance', {}, args, process.cwd(), {})
    })
    return true
  }

  relaunch(): void {
    this.emit('double:relaunch')
  }

  quit(): void {
    if (isPrevented(this, 'before-quit')) return
    if (this.#windows?.closeAll() === false) return
    if (isPrevented(this, 'will-quit')) return
    this.exit(0)
  }

  exit(code = 0): void {
    if (this.#isEnding) return
    this.#isEnding = true
    void (this.#windows?.destroyAll() ?? Promise.resolve()).finally(() => {
      this.emit('quit', {}, code)
      if (this.#lock !== null) rmSync(this.#lock, { force: true })
      process.exit(code)
    })
  }
}

export const app = new App()
