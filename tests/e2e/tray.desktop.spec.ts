import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type Page } from '@playwright/test'
import { attach } from '../../src-main/headless/attached-client.ts'
import type { BatonClient } from '../../src-main/headless/baton-client.ts'
import { startAnthropicDouble } from '../doubles/anthropic-double.ts'
import type { Behaviour } from '../doubles/behaviour.ts'
import { type DesktopApp, launchDesktop } from './desktop-app.ts'
import { test as base } from './desktop-test.ts'

/** What a model does; a test may change it before it starts work. */
const test = base.extend<{ model: { behaves: Behaviour }; core: BatonClient }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright asks for a pattern.
  model: async ({}, use) => use({ behaves: { kind: 'hang' } }),
  environment: async ({ model }, use) => {
    const double = await startAnthropicDouble({ default: model.behaves })
    await use({ ANTHROPIC_API_KEY: 'sk-test', ANTHROPIC_BASE_URL: double.url })
    await double.close()
  },
  core: async ({ window, dataDir }, use) => {
    expect(window.url()).not.toBe('')
    const client = await attach(join(dataDir, 'core.sock'))
    if (client === null) throw new Error('the core of the desktop does not answer')
    await use(client)
    await client.close()
  },
})

test.beforeEach(({ desktop }) => {
  test.skip(desktop.kind === 'electron', "Electron's own tray and notifications cannot be read by a spec.")
})

/** A project of one task, approved. */
async function startWork({ api }: BatonClient): Promise<string> {
  const project = await api.projects.create({ requirements: 'A note', name: 'Notes' })
  const task = { key: 'note', title: 'Write a note', type: 'writing', complexity: 'medium', artifacts: ['note.md'] }
  const plan = await api.projects.addPlan({ id: project.id, document: { title: 'A note', tasks: [task] } })
  await api.plans.approve({ id: plan.id, authorise_micros: 5_000_000 })
  return project.id
}

function tray(desktop: DesktopApp): Promise<{ icon: string; toolTip: string; labels: string[] } | null> {
  return desktop.evaluate(({ double }) => {
    const icon = double.trays[0]
    if (icon === undefined) return null
    const labels = icon.menu.map(({ label, type }) => label ?? type ?? '')
    return { icon: icon.image.path.replace(/^.*\//, ''), toolTip: icon.toolTip, labels }
  }, null)
}

function clickTray(desktop: DesktopApp, id: string): Promise<void> {
  return desktop.evaluate(({ double }, chosen) => {
    const item = double.trays[0]?.menu.find((candidate) => candidate.id === chosen)
    // Baton's own listeners ask for none of Electron's arguments.
    ;(item?.click as (() => void) | undefined)?.()
  }, id)
}

function told(desktop: DesktopApp): Promise<{ title: string; body: string }[]> {
  return desktop.evaluate(({ double }) => double.notifications.map(({ title, body }) => ({ title, body })), null)
}

function windowState(desktop: DesktopApp): Promise<{ visible: boolean; windows: number }> {
  return desktop.evaluate(({ BrowserWindow }) => {
    const windows = BrowserWindow.getAllWindows()
    return { visible: windows[0]?.isVisible() ?? false, windows: windows.length }
  }, null)
}

function lookAway(desktop: DesktopApp): Promise<void> {
  return desktop.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.blur(), null)
}

const closeWindow = (desktop: DesktopApp): Promise<void> =>
  desktop.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close(), null)

const placeOf = (window: Page): string => new URL(window.url()).hash

test('U4 the tray follows the work, pauses and resumes all of it, and leads to the inbox', async ({
  desktop,
  window,
  core,
}) => {
  await expect.poll(async () => (await tray(desktop))?.toolTip).toBe('Baton: nothing runs\nToday $0 of $5.00')
  expect(await tray(desktop)).toMatchObject({
    icon: 'idle-light.png',
    labels: ['Open Baton', 'Inbox', 'separator', 'Pause all', 'separator', 'Quit'],
  })
  const id = await startWork(core)
  await expect.poll(async () => (await tray(desktop))?.icon).toBe('running-light.png')
  await expect
    .poll(async () => (await tray(desktop))?.toolTip)
    .toMatch(/^Baton: 1 running\nToday \$0 \+ \$\d+\.\d+ set aside of \$5\.00$/)

  await clickTray(desktop, 'pause')
  await expect.poll(async () => (await core.api.system.status()).paused).toBe(true)
  await expect.poll(async () => (await tray(desktop))?.labels).toContain('Resume all')
  await clickTray(desktop, 'resume')
  await expect.poll(async () => (await core.api.system.status()).paused).toBe(false)

  await desktop.evaluate(
    ({ nativeTheme }) => (nativeTheme as unknown as { becomes(dark: boolean): void }).becomes(true),
    null,
  )
  expect((await tray(desktop))?.icon).toMatch(/-dark\.png$/)

  await desktop.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide(), null)
  await clickTray(desktop, 'inbox')
  await expect.poll(() => windowState(desktop)).toEqual({ visible: true, windows: 1 })
  await expect(window.getByRole('heading', { name: 'Inbox' })).toBeVisible()
  await core.api.projects.cancel({ id })
  // The call that was broken off was booked in full, which a person may correct.
  await expect.poll(async () => (await tray(desktop))?.icon).toBe('needs-you-dark.png')
  await expect
    .poll(async () => (await tray(desktop))?.toolTip)
    .toMatch(/^Baton: 1 need you\nToday \$\d+\.\d+ of \$5\.00$/)
})

test('U4 the tray goes with its setting, and comes again', async ({ desktop, core }) => {
  await expect.poll(() => tray(desktop)).not.toBeNull()
  await core.api.settings.change({ desktop_tray: false })
  await expect.poll(() => tray(desktop)).toBeNull()
  await core.api.settings.change({ desktop_tray: true })
  await expect.poll(async () => (await tray(desktop))?.icon).toBe('idle-light.png')
})

test('U4 what needs a person is told and counted, and a click opens the place, in a window that was hidden too', async ({
  desktop,
  window,
  core,
}) => {
  const project = await core.api.projects.create({ requirements: 'A note', name: 'Notes', profile: 'demo' })
  await core.api.projects.plan({ id: project.id })
  await lookAway(desktop)
  await expect
    .poll(() => told(desktop))
    .toEqual([{ title: 'Notes needs you', body: 'Its plan is ready. Nothing runs until you approve it.' }])
  expect(await tray(desktop)).toMatchObject({
    icon: 'needs-you-light.png',
    labels: expect.arrayContaining(['Inbox: 1 need you']),
  })
  await desktop.evaluate(({ BrowserWindow, double }) => {
    BrowserWindow.getAllWindows()[0]?.hide()
    double.notifications[0]?.emit('click')
  }, null)
  await expect.poll(() => placeOf(window)).toBe(`#/projects/${project.id}/plan`)
  await expect(window.getByRole('grid', { name: 'Tasks of the plan' })).toBeVisible()
  expect(await windowState(desktop)).toEqual({ visible: true, windows: 1 })
  // Somebody looks: what was told is put away.
  await expect.poll(() => told(desktop)).toEqual([])
})

test('U4 a project that is done is told, unless its page is looked at or its kind is switched off', async ({
  desktop,
  window,
  core,
}) => {
  async function finish(): Promise<string> {
    const project = await core.api.projects.create({ requirements: 'A list of birds', name: 'Birds', profile: 'demo' })
    const task = { key: 'list', title: 'Write a list', type: 'writing', complexity: 'simple', artifacts: ['list.md'] }
    const plan = await core.api.projects.addPlan({ id: project.id, document: { title: 'Birds', tasks: [task] } })
    await core.api.plans.approve({ id: plan.id })
    await expect.poll(async () => (await core.api.projects.get({ id: project.id })).state).toBe('succeeded')
    return project.id
  }
  await lookAway(desktop)
  const id = await finish()
  await expect.poll(() => told(desktop)).toEqual([{ title: 'Birds is done', body: expect.stringContaining('1 task') }])
  await desktop.evaluate(({ double }) => double.notifications[0]?.emit('click'), null)
  await expect.poll(() => placeOf(window)).toBe(`#/projects/${id}`)
  await core.api.settings.change({ desktop_notify_done: false })
  await lookAway(desktop)
  await finish()
  // What comes after is told, so what was before would have been.
  const other = await core.api.projects.create({ requirements: 'More', name: 'More', profile: 'demo' })
  await core.api.projects.plan({ id: other.id })
  await expect.poll(async () => (await told(desktop)).map(({ title }) => title)).toEqual(['More needs you'])
})

test('U4 closing the window leaves the work to the tray where that is set, and says so once', async ({
  desktop,
  core,
  dataDir,
}) => {
  await core.api.settings.change({ desktop_close_to_tray: true })
  const id = await startWork(core)
  await expect.poll(async () => (await tray(desktop))?.icon).toBe('running-light.png')
  await closeWindow(desktop)
  expect(await windowState(desktop)).toEqual({ visible: false, windows: 1 })
  expect((await told(desktop)).map(({ title }) => title)).toEqual(['Baton goes on in the tray'])
  expect((await core.api.system.status()).running).toBe(1)
  await clickTray(desktop, 'open')
  await expect.poll(() => windowState(desktop)).toEqual({ visible: true, windows: 1 })
  await closeWindow(desktop)
  expect(existsSync(join(dataDir, 'desktop', 'told-about-tray'))).toBe(true)
  // Opening the window has not brought it back, and nothing came anew.
  expect((await told(desktop)).map(({ title }) => title)).toEqual(['Baton goes on in the tray'])
  await core.api.projects.cancel({ id })
})

test('E8 quitting while work runs asks first, and goes on where a person does not mean it', async ({
  desktop,
  core,
  dataDir,
}) => {
  await startWork(core)
  await expect.poll(async () => (await core.api.system.status()).running).toBe(1)
  // Its call is on its way: before that, the run could end at once and in order.
  await expect.poll(async () => (await core.api.system.status()).day.reserved_micros).toBeGreaterThan(0)
  const boxes = () => desktop.evaluate(({ double }) => double.messageBoxes.map(({ options }) => options.message), null)
  await clickTray(desktop, 'quit')
  await expect.poll(boxes).toEqual(['One task is running.'])
  // A second wish while it asks changes nothing.
  await closeWindow(desktop)
  expect(await boxes()).toHaveLength(1)
  await desktop.evaluate(({ double }) => double.messageBoxes[0]?.answer(1), null)
  expect((await core.api.system.status()).running).toBe(1)
  expect(await windowState(desktop)).toEqual({ visible: true, windows: 1 })
  await closeWindow(desktop)
  await expect.poll(boxes).toEqual(['One task is running.'])
  await desktop.evaluate(({ double }) => double.messageBoxes[0]?.answer(0), null)
  // The step hangs: it gets its time, then it is cut short, and the exit code tells.
  await expect.poll(async () => (await tray(desktop))?.toolTip).toBe('Baton: steps under way finish, then it quits')
  expect(await desktop.exited).toBe(1)
  expect(readFileSync(join(dataDir, 'desktop', 'window.json'), 'utf8')).toContain('"maximized":false')
})

test('U4 the start at login is off, comes and goes with its setting, and opens no window', async ({
  desktop,
  core,
  dataDir,
}) => {
  test.skip(process.platform !== 'linux', 'Elsewhere the system keeps this itself.')
  const file = join(dataDir, 'config', 'autostart', 'baton.desktop')
  await expect.poll(() => tray(desktop)).not.toBeNull()
  expect(existsSync(file)).toBe(false)
  await core.api.settings.change({ desktop_launch_at_login: true })
  await expect.poll(() => existsSync(file)).toBe(true)
  expect(readFileSync(file, 'utf8')).toMatch(/^Exec="[^"]+" "[^"]+" "--hidden"$/m)
  await core.api.settings.change({ desktop_launch_at_login: false })
  await expect.poll(() => existsSync(file)).toBe(false)
  await desktop.interrupt()

  const hidden = await launchDesktop(dataDir, {}, ['--hidden'])
  try {
    await expect.poll(async () => (await tray(hidden))?.toolTip ?? '').toContain('nothing runs')
    expect((await windowState(hidden)).windows).toBe(0)
    await clickTray(hidden, 'open')
    const opened = await hidden.window()
    await expect(opened.getByRole('heading', { name: 'Projects' })).toBeVisible()
  } finally {
    await hidden.interrupt()
  }
})
