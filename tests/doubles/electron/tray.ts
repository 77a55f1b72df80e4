import { EventEmitter } from 'node:events'
import { existsSync } from 'node:fs'
import type * as Electron from 'electron'
import { app } from './app.ts'

interface DoubleImage {
  readonly path: string
}

export const nativeImage = {
  /** Electron gives an empty image where there is no such file, and the tray then shows nothing. */
  createFromPath(path: string): DoubleImage {
    if (!existsSync(path)) throw new Error(`There is no image ${path}`)
    return { path }
  },
}

/** The icons that are in the tray now. */
export const trays: Tray[] = []

export class Tray extends EventEmitter {
  image: DoubleImage
  toolTip = ''
  menu: Electron.MenuItemConstructorOptions[] = []

  constructor(image: DoubleImage) {
    super()
    if (!app.isReady()) throw new Error('Cannot create Tray before app is ready')
    this.image = image
    trays.push(this)
  }

  setImage(image: DoubleImage): void {
    this.image = image
  }
  setToolTip(toolTip: string): void {
    this.toolTip = toolTip
  }
  setContextMenu(menu: Electron.MenuItemConstructorOptions[]): void {
    this.menu = menu
  }
  destroy(): void {
    trays.splice(trays.indexOf(this), 1)
  }
}
