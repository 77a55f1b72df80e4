import { readFileSync } from 'node:fs'
import type { MenuItemConstructorOptions } from 'electron'
import { expect, test } from 'vitest'
import { menuTemplate } from './menu-template.ts'

const went: string[] = []
const actions = { go: (place: string) => void went.push(place), openGuide() {}, openLogs() {}, openData() {} }

function itemsOf(menu: MenuItemConstructorOptions[]): MenuItemConstructorOptions[] {
  return menu.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? itemsOf(item.submenu) : [])])
}

/** The keys of the page, as its own help lists them. Read as text: the shell knows nothing of the page. */
const pageKeys = [
  ...readFileSync(new URL('../../src-renderer/texts/shortcuts.ts', import.meta.url), 'utf8').matchAll(
    /keys: '([^']+)'/g,
  ),
].map(([, keys = '']) => keys.replaceAll(' ', '+'))

test.each(['linux', 'win32', 'darwin'] as const)('U5 the menu of %s takes no key of the page', (platform) => {
  const taken = itemsOf(menuTemplate(platform, actions)).flatMap(({ accelerator }) =>
    accelerator === undefined || accelerator === null ? [] : [String(accelerator).replace('CmdOrCtrl', 'Ctrl')],
  )
  expect(pageKeys).toContain('Ctrl+K')
  expect(taken).toContain('Ctrl+N')
  expect(taken.filter((keys) => pageKeys.includes(keys))).toEqual([])
  expect(new Set(taken).size).toBe(taken.length)
})

test('U5 undo and redo are the page’s own where it has them', () => {
  const roles = itemsOf(menuTemplate('linux', actions)).filter(({ role }) => role === 'undo' || role === 'redo')
  expect(roles.map(({ registerAccelerator }) => registerAccelerator)).toEqual([false, false])
})

test.each(['linux', 'darwin'] as const)(
  'U4 the menu of %s copies, pastes, zooms, goes to places and helps',
  (platform) => {
    const items = itemsOf(menuTemplate(platform, actions))
    const roles = items.map(({ role }) => role)
    for (const role of ['cut', 'copy', 'paste', 'selectAll', 'zoomIn', 'zoomOut', 'resetZoom', 'help'] as const) {
      expect(roles).toContain(role)
    }
    expect(roles.includes('appMenu')).toBe(platform === 'darwin')
    // No way to the developer's tools, and none to the internet.
    expect(roles).not.toContain('toggleDevTools')
    went.length = 0
    // Baton's own listeners ask for none of Electron's arguments.
    for (const { click } of items) (click as (() => void) | undefined)?.()
    expect(went).toEqual(['/projects/new', '/inbox', '/projects', '/settings'])
  },
)
