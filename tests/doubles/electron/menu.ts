import type * as Electron from 'electron'

type Template = Electron.MenuItemConstructorOptions[]

/** A menu is its template here: a spec reads its items and calls their `click`. */
export const Menu = {
  buildFromTemplate: (template: Template): Template => template,
  setApplicationMenu: (menu: Template): void => void menus.push(menu),
}

/** The menus of the application, the present one last. */
export const menus: Template[] = []
