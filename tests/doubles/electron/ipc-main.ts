import { EventEmitter } from 'node:events'

/** Messages of every window's preload arrive here, as events named by their channel. */
export const ipcMain = new EventEmitter()
