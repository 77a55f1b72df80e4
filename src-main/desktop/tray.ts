import { join } from 'node:path'
import { Menu, nativeImage, nativeTheme, Tray } from 'electron'
import type { TrayAction, TrayLook, TrayState } from '#core/monitor/tray-look.ts'
import { resourceFolder } from '#core/resource-folder.ts'

/** The icon in the system's tray (U4). */
export interface TrayIcon {
  show(look: TrayLook): void
  /** What it says while core ends. */
  say(tooltip: string): void
  remove(): void
}

/** macOS draws a template in the colours of its bar; elsewhere the icon is the one for the panel's ground. */
function iconOf(state: TrayState): Electron.NativeImage {
  const kind = process.platform === 'darwin' ? 'Template' : nativeTheme.shouldUseDarkColors ? '-dark' : '-light'
  return nativeImage.createFromPath(join(resourceFolder(), 'icons', 'tray', `${state}${kind}.png`))
}

export function createTrayIcon(act: (action: TrayAction) => void): TrayIcon {
  let state: TrayState = 'idle'
  let shown = ''
  const tray = new Tray(iconOf(state))
  const redraw = () => tray.setImage(iconOf(state))
  nativeTheme.on('updated', redraw)
  // Where the system opens the menu by a click, this event does not come.
  tray.on('click', () => act('open'))

  return {
    show(look) {
      // An open menu closes when it is set anew, so that is done only where something has changed.
      const text = JSON.stringify(look)
      if (text === shown) return
      shown = text
      if (look.state !== state) {
        state = look.state
        redraw()
      }
      tray.setToolTip(look.tooltip)
      const items = look.menu.map((item) =>
        item === null
          ? ({ type: 'separator' } as const)
          : { id: item.action, label: item.label, click: () => act(item.action) },
      )
      tray.setContextMenu(Menu.buildFromTemplate(items))
    },
    say: (tooltip) => tray.setToolTip(tooltip),
    remove() {
      nativeTheme.off('updated', redraw)
      tray.destroy()
    },
  }
}
