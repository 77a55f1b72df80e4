import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { _electron, chromium, type Page } from '@playwright/test'
import type * as Electron from 'electron'
import { electronBinary, hasDisplay } from '../../scripts/electron-binary.ts'
import { controlMessage } from '../doubles/electron/control.ts'
import type { OpenMessageBox } from '../doubles/electron/dialog.ts'
import type { Notification } from '../doubles/electron/notification.ts'
import type { Tray } from '../doubles/electron/tray.ts'

/** Variables that a test sets for Baton, such as the address of a model server. */
export type Environment = Readonly<Record<string, string>>

const root = join(import.meta.dirname, '..', '..')

/** What a function that runs in the desktop's main process is given; `double` is there on the double only. */
export type MainProcess = typeof Electron & {
  readonly double: {
    readonly messageBoxes: OpenMessageBox[]
    readonly errorBoxes: { title: string; content: string }[]
    readonly menus: Electron.MenuItemConstructorOptions[][]
    readonly trays: Tray[]
    readonly notifications: Notification[]
    readonly openedPaths: string[]
  }
}

/** Baton's desktop as a process, on Electron or on its double. */
export interface DesktopApp {
  readonly kind: 'electron' | 'double'
  /** Its first window. */
  window(): Promise<Page>
  /** Runs `run` in the main process; it must not refer to anything outside of itself. */
  evaluate<T, A>(run: (electron: MainProcess, argument: A) => T | Promise<T>, argument: A): Promise<T>
  /** The exit code, when the process has ended. */
  readonly exited: Promise<number | null>
  /** What it said on stderr so far. */
  said(): string
  /** Ends it as Ctrl+C in its terminal would; resolves to the exit code. */
  interrupt(): Promise<number | null>
}

/** Which of the two this machine can run; null where Electron's binary is there but no display is. */
function binary(): string | null {
  return hasDisplay() ? electronBinary() : null
}

function environmentOf(dataDir: string, change: Environment): Record<string, string> {
  const inherited = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined)
  // No key and no server of this machine may change what the test sees.
  return {
    ...Object.fromEntries(inherited),
    ANTHROPIC_API_KEY: '',
    OLLAMA_HOST: '127.0.0.1:1',
    BATON_DATA_DIR: dataDir,
    BATON_LOG_DIR: '',
    // Nor may a test change what this machine starts at login.
    XDG_CONFIG_HOME: join(dataDir, 'config'),
    ...change,
  }
}

function watch(child: ChildProcess): Pick<DesktopApp, 'exited' | 'said' | 'interrupt'> {
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const exited = once(child, 'exit').then(([code]: (number | null)[]) => code ?? null)
  return {
    exited,
    said: () => said,
    interrupt() {
      if (child.exitCode === null) child.kill('SIGINT')
      return exited
    },
  }
}

interface Launch {
  readonly dataDir: string
  readonly change: Environment
  readonly args: readonly string[]
}

async function launchElectron(executablePath: string, { dataDir, change, args }: Launch): Promise<DesktopApp> {
  // Chromium's sandbox refuses to run as root.
  const flags = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const app = await _electron.launch({
    executablePath,
    args: [...flags, root, ...args],
    env: environmentOf(dataDir, change),
  })
  return {
    kind: 'electron',
    window: () => app.firstWindow(),
    // Playwright names the part of Electron that it hands over as the whole of it.
    evaluate: (run, argument) => app.evaluate(run as never, argument as never),
    ...watch(app.process()),
  }
}

function launchDouble({ dataDir, change, args }: Launch): DesktopApp {
  const register = join(root, 'tests', 'doubles', 'electron', 'register.ts')
  const child = spawn(process.execPath, ['--import', register, join(root, 'out', 'main', 'desktop.js'), ...args], {
    cwd: root,
    env: environmentOf(dataDir, change),
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  })
  const watched = watch(child)
  const devtools = Promise.withResolvers<number>()
  devtools.promise.catch(() => undefined)
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  child.on('message', (text) => {
    const message = controlMessage.parse(text)
    if ('devtools_port' in message) devtools.resolve(message.devtools_port)
    else if ('error' in message) waiting.get(message.id)?.reject(new Error(message.error))
    else waiting.get(message.id)?.resolve(message.value)
  })
  void watched.exited.then((code) => {
    const ended = new Error(`The desktop ended with code ${code}:\n${watched.said()}`)
    devtools.reject(ended)
    for (const { reject } of waiting.values()) reject(ended)
  })
  let calls = 0
  return {
    kind: 'double',
    async window() {
      const browser = await chromium.connectOverCDP(`http://127.0.0.1:${await devtools.promise}`)
      const context = browser.contexts()[0]
      if (context === undefined) throw new Error('Chromium has no context')
      return context.pages()[0] ?? context.waitForEvent('page')
    },
    evaluate<T, A>(run: (electron: MainProcess, argument: A) => T | Promise<T>, argument: A): Promise<T> {
      const answer = Promise.withResolvers<unknown>()
      const id = calls++
      waiting.set(id, answer)
      child.send({ id, source: run.toString(), argument })
      return answer.promise as Promise<T>
    },
    ...watched,
  }
}

/**
 * Starts the built desktop on this data folder, on Electron where it can run here, else on its double. `change`: of its
 * environment; `args`: what the system hands over, such as a link.
 */
export async function launchDesktop(
  dataDir: string,
  change: Environment = {},
  args: readonly string[] = [],
): Promise<DesktopApp> {
  const executable = binary()
  const launch = { dataDir, change, args }
  return executable === null ? launchDouble(launch) : launchElectron(executable, launch)
}

/** One line for the report: which of the two the specs run on. */
export function desktopKind(): string {
  return binary() === null ? "the double of Electron (Electron's binary or a display is absent)" : 'Electron itself'
}
