import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect } from '@playwright/test'
import { type DesktopApp, launchDesktop } from './desktop-app.ts'
import { test } from './desktop-test.ts'

/** Asks the shell for a port as `url` would, with a frame that notes what it is given. */
function askForPort(desktop: DesktopApp, frame: { url: string; isSubframe: boolean }): Promise<string[]> {
  return desktop.evaluate(({ ipcMain, BrowserWindow }, { url, isSubframe }) => {
    const given: string[] = []
    const senderFrame = {
      url,
      parent: isSubframe ? {} : null,
      postMessage: (channel: string) => given.push(channel),
    }
    const sender = BrowserWindow.getAllWindows()[0]?.webContents
    ipcMain.emit('baton:ask-for-port', { sender, senderFrame, ports: [] })
    return given
  }, frame)
}

test('S9 the window is sandboxed, isolated and without Node', async ({ desktop, window }) => {
  const preferences = await desktop.evaluate(({ BrowserWindow }) => {
    // Electron has this method and leaves it out of its declarations.
    const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
      getLastWebPreferences(): Record<string, unknown>
    }
    const { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag, spellcheck } =
      contents.getLastWebPreferences()
    return { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag: webviewTag ?? false, spellcheck }
  }, null)
  expect(preferences).toEqual({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webSecurity: true,
    webviewTag: false,
    spellcheck: false,
  })
  const seen = await window.evaluate(() =>
    ['require', 'process', 'module', 'ipcRenderer', 'electron', 'electronDoubleSend'].filter(
      (name) => name in globalThis,
    ),
  )
  expect(seen).toEqual([])
})

test('S9 the page runs its own scripts only, and cannot reach the network', async ({ window }) => {
  const policy = await window.evaluate(async () => {
    const answer = await fetch(location.href)
    return answer.headers.get('content-security-policy')
  })
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'self'")
  expect(policy).toContain("frame-ancestors 'none'")
  const outcome = await window.evaluate(async () => {
    const script = document.createElement('script')
    script.textContent = 'globalThis.planted = true'
    document.body.append(script)
    const reached = await fetch('https://example.com/').then(
      () => 'reached',
      () => 'refused',
    )
    return { planted: 'planted' in globalThis, reached }
  })
  expect(outcome).toEqual({ planted: false, reached: 'refused' })
})

test('S9 the shell itself lets no request leave, even where the page has lost its policy', async ({ window }) => {
  let asked = 0
  const server = createServer((_, response) => {
    asked++
    response.setHeader('access-control-allow-origin', '*').end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const devtools = await window.context().newCDPSession(window)
  await devtools.send('Page.setBypassCSP', { enabled: true })
  await window.reload()
  const outcome = await window.evaluate(
    (url) => fetch(url).then(({ status }) => String(status), String),
    `http://127.0.0.1:${port}/`,
  )
  server.close()
  expect(outcome).toContain('Failed to fetch')
  expect(asked).toBe(0)
})

test('S9 only files of the page are served, from nowhere else', async ({ window }) => {
  const answers = await window.evaluate(async () => {
    const paths = [
      '/..%2f..%2fpackage.json',
      '/%2e%2e/main/desktop.js',
      '/..%5cmain%5cdesktop.js',
      '/assets/none.js',
      '/%00',
    ]
    return Promise.all(paths.map((path) => fetch(path).then(({ status }) => status)))
  })
  expect(answers).toEqual([404, 404, 404, 404, 404])
})

test('S9 the window goes nowhere else and opens no other', async ({ desktop, window }) => {
  const address = window.url()
  await window.evaluate(() => {
    location.href = 'https://example.com/'
  })
  const opened = await window.evaluateHandle(() => globalThis.open('https://example.com/'))
  await expect.poll(() => opened.evaluate((other) => other === null || other.closed)).toBe(true)
  expect(window.url()).toBe(address)
  await expect(window.getByRole('heading', { name: 'Projects' })).toBeVisible()
  const windows = await desktop.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length, null)
  expect(windows).toBe(1)
})

test('S9 the page is granted no permission but to copy text', async ({ window }) => {
  const states = await window.evaluate(async () => {
    const names = ['geolocation', 'notifications', 'camera', 'clipboard-read', 'clipboard-write']
    return Object.fromEntries(
      await Promise.all(
        names.map(async (name) => {
          const status = await navigator.permissions.query({ name: name as PermissionName })
          return [name, status.state] as const
        }),
      ),
    )
  })
  expect(states).toEqual({
    geolocation: 'denied',
    notifications: 'denied',
    camera: 'denied',
    'clipboard-read': 'denied',
    'clipboard-write': 'granted',
  })
})

test('S9 A1 only our own page in the main frame is given a port', async ({ desktop, window }) => {
  const own = 'app://baton/'
  expect(await askForPort(desktop, { url: 'https://example.com/', isSubframe: false })).toEqual([])
  expect(await askForPort(desktop, { url: 'app://baton.example/', isSubframe: false })).toEqual([])
  expect(await askForPort(desktop, { url: `${own}assets/planted.html`, isSubframe: false })).toEqual([])
  expect(await askForPort(desktop, { url: own, isSubframe: true })).toEqual([])
  // Our own page is given one, as the window proves by showing what came through it.
  await window.reload()
  await expect(window.getByRole('heading', { name: 'Projects' })).toBeVisible()
})

test('S9 no device is given, and nothing but the port can be asked of the shell', async ({ desktop, window }) => {
  await expect(window.getByRole('heading', { name: 'Projects' })).toBeVisible()
  const channels = await desktop.evaluate(({ ipcMain }) => ipcMain.eventNames().map(String), null)
  expect(channels.filter((name) => !name.startsWith('-'))).toEqual(['baton:ask-for-port'])
  test.skip(desktop.kind === 'electron', 'Electron does not give back the handler that was set.')
  const isGiven = await desktop.evaluate(({ session }) => {
    const { devicePermissionHandler } = session.defaultSession as unknown as {
      devicePermissionHandler: ((details: object) => boolean) | null
    }
    return devicePermissionHandler?.({ deviceType: 'usb', origin: 'app://baton' }) ?? true
  }, null)
  expect(isGiven).toBe(false)
})

test('A1 a reload is given a port of its own, and shows the same place', async ({ window }) => {
  await window.getByRole('link', { name: 'Settings', exact: true }).click()
  await expect(window.getByRole('heading', { name: 'Settings' })).toBeVisible()
  await window.reload()
  await expect(window.getByRole('heading', { name: 'Settings' })).toBeVisible()
  await window.getByRole('link', { name: 'Projects', exact: true }).click()
  await expect(window.getByRole('heading', { name: 'Write down what you want' })).toBeVisible()
})

test('D1 a second start shows the first window and ends', async ({ desktop, window, dataDir }) => {
  await window.bringToFront()
  await desktop.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide(), null)
  const second = await launchDesktop(dataDir)
  expect(await second.exited).toBe(0)
  const isVisible = () =>
    desktop.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible() ?? false, null)
  await expect.poll(isVisible).toBe(true)
  expect(await desktop.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length, null)).toBe(1)
})

test('D1 a data folder that "baton serve" keeps is left to it, and the window opens when it is free', async ({
  dataDir,
}) => {
  const serve = spawn(process.execPath, ['bin/baton.cjs', 'serve', '--port', '0', '--data', dataDir], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const ended = once(serve, 'exit')
  await once(createInterface({ input: serve.stdout }), 'line')
  const desktop = await launchDesktop(dataDir)
  try {
    test.skip(desktop.kind === 'electron', "Electron's own message box cannot be answered by a spec.")
    const boxes = () =>
      desktop.evaluate(({ double }) => double.messageBoxes.map(({ options }) => options.detail ?? ''), null)
    await expect.poll(boxes).toHaveLength(1)
    expect((await boxes())[0]).toContain(`${serve.pid}`)
    expect((await boxes())[0]).toContain(dataDir)
    serve.kill('SIGTERM')
    await ended
    await desktop.evaluate(({ double }) => double.messageBoxes[0]?.answer(0), null)
    const window = await desktop.window()
    await expect(window.getByRole('heading', { name: 'First run' })).toBeVisible()
  } finally {
    serve.kill('SIGTERM')
    await desktop.interrupt()
  }
})

test("D1 a command attaches to the desktop's core", async ({ window, dataDir }) => {
  await expect(window.getByRole('heading', { name: 'Write down what you want' })).toBeVisible()
  const requirement = 'A list of three garden birds, one line for each.'
  const command = spawn(
    process.execPath,
    ['bin/baton.cjs', 'run', requirement, '--profile', 'demo', '--yes', '--json'],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, BATON_DATA_DIR: dataDir },
    },
  )
  expect((await once(command, 'exit'))[0]).toBe(0)
  // What the command did is seen in the window, without a reload.
  await expect(window.getByRole('main')).toContainText('garden birds')
})

test('U2 the window comes back where it was, and in its usual place where that cannot be read', async ({ dataDir }) => {
  const file = join(dataDir, 'desktop', 'window.json')
  mkdirSync(dirname(file))
  const bounds = async () => {
    const desktop = await launchDesktop(dataDir)
    await desktop.window()
    const found = await desktop.evaluate(({ BrowserWindow }) => {
      const { width, height } = BrowserWindow.getAllWindows()[0]?.getNormalBounds() ?? { width: 0, height: 0 }
      return { width, height }
    }, null)
    await desktop.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close(), null)
    await desktop.exited
    return found
  }
  writeFileSync(file, JSON.stringify({ x: 20, y: 30, width: 1_000, height: 700, maximized: false }))
  expect(await bounds()).toEqual({ width: 1_000, height: 700 })
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ width: 1_000, height: 700, maximized: false })
  writeFileSync(file, '{"width": 10')
  expect(await bounds()).toEqual({ width: 1_280, height: 800 })
})

test('U2 a window that was on a screen which is gone comes back on one that is there', async ({ dataDir }) => {
  const file = join(dataDir, 'desktop', 'window.json')
  mkdirSync(dirname(file))
  writeFileSync(file, JSON.stringify({ x: 90_000, y: 90_000, width: 1_000, height: 700, maximized: false }))
  const desktop = await launchDesktop(dataDir)
  try {
    await desktop.window()
    const seen = await desktop.evaluate(({ BrowserWindow, screen }) => {
      const bounds = BrowserWindow.getAllWindows()[0]?.getNormalBounds() ?? { x: 0, y: 0, width: 0, height: 0 }
      const areas = screen.getAllDisplays().map(({ workArea }) => workArea)
      const isVisible = areas.some((area) => bounds.x < area.x + area.width && bounds.y < area.y + area.height)
      return { isVisible, width: bounds.width }
    }, null)
    expect(seen).toEqual({ isVisible: true, width: 1_000 })
  } finally {
    await desktop.interrupt()
  }
})

test('E8 closing the window ends core in order', async ({ desktop, window }) => {
  await desktop.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close(), null)
  expect(await desktop.exited).toBe(0)
  expect(window.isClosed()).toBe(true)
})

for (const kind of ['thrown', 'rejected'] as const) {
  test(`E5 a bug (${kind}) ends the desktop with a text and a line in the log, instead of going on`, async ({
    desktop,
    window,
    dataDir,
  }) => {
    test.skip(desktop.kind === 'electron', "Electron's own message box cannot be answered by a spec.")
    await expect(window.getByRole('heading', { name: 'Projects' })).toBeVisible()
    await desktop.evaluate((_, how) => {
      const bug = new Error('planted bug')
      if (how === 'rejected') void Promise.reject(bug)
      else
        setImmediate(() => {
          throw bug
        })
    }, kind)
    expect(await desktop.exited).toBe(1)
    expect(desktop.said()).toContain('planted bug')
    expect(readFileSync(join(dataDir, 'logs', 'baton.log'), 'utf8')).toContain('planted bug')
  })
}
