import { app } from 'electron'

/**
 * One desktop per data folder (D1): whether this is the first one. Electron keeps the right in the `userData` folder,
 * so that must lie in the data folder already. A later start hands its arguments to `onSecond` here and must end.
 */
export function isFirstDesktop(onSecond: (args: readonly string[]) => void): boolean {
  if (!app.requestSingleInstanceLock()) return false
  app.on('second-instance', (_, args) => onSecond(args))
  return true
}
