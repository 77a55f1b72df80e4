import type { MenuItemConstructorOptions } from 'electron'
import { texts } from './texts.ts'

export interface MenuActions {
  /** Shows a place of the page, as its address has it after `#`. */
  go(place: string): void
  openGuide(): void
  openLogs(): void
  openData(): void
}

/**
 * The application's menu. Its keys are those that every program has, and none of the page's own. Undo and redo show their
 * keys without taking them, so that the plan editor's own undo gets them.
 */
export function menuTemplate(platform: NodeJS.Platform, actions: MenuActions): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin'
  const place = (label: string, to: string, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    click: () => actions.go(to),
    ...(accelerator === undefined ? {} : { accelerator }),
  })
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    {
      role: 'fileMenu',
      submenu: [
        place(texts.newProject, '/projects/new', 'CmdOrCtrl+N'),
        { type: 'separator' },
        place(texts.inbox, '/inbox', 'CmdOrCtrl+1'),
        place(texts.projects, '/projects', 'CmdOrCtrl+2'),
        place(texts.settings, '/settings', 'CmdOrCtrl+,'),
        { type: 'separator' },
        { role: 'close' },
        ...(isMac ? [] : [{ role: 'quit' } as const]),
      ],
    },
    {
      role: 'editMenu',
      submenu: [
        { role: 'undo', registerAccelerator: false },
        { role: 'redo', registerAccelerator: false },
        { type: 'separator' },
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'selectAll' },
      ],
    },
    {
      role: 'viewMenu',
      submenu: [
        { role: 'reload' },
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
    {
      role: 'help',
      label: texts.help,
      // Electron's own help leads to web sites.
      submenu: [
        { label: texts.guide, click: actions.openGuide },
        { type: 'separator' },
        { label: texts.logs, click: actions.openLogs },
        { label: texts.dataFolder, click: actions.openData },
      ],
    },
  ]
}
