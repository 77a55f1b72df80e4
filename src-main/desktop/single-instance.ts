import { app } from 'electron'

/**
 * One desktop per data folder (D1): whether this is the first one. Electron keeps the right in the `userData` folder,
 * so that must lie in the data folder already. A later start calls `onSecond` here and must end.
 */
export function isFirstDesktop(onSecond: () => void): boolean {
  if (!app.requestSingleInstanceLock()) return false
  app.on('second-instance', onSecond)
  return true
}
