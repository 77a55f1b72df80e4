import { EventEmitter } from 'node:events'
import type * as Electron from 'electron'

class NativeTheme extends EventEmitter implements Pick<Electron.NativeTheme, 'shouldUseDarkColors'> {
  #isDark = false

  get shouldUseDarkColors(): boolean {
    return this.#isDark
  }

  /** The double's own: the system changes its look. */
  becomes(dark: boolean): void {
    this.#isDark = dark
    this.emit('updated')
  }
}

export const nativeTheme = new NativeTheme()
