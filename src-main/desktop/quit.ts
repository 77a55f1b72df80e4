import { app, BrowserWindow } from 'electron'
import type { HostedCore } from '#http/host-core.ts'

const EXIT = { done: 0, cutShort: 1, interrupted: 130 }

/**
 * Ends core before the process (E8): the first wish to quit lets steps under way finish, a second one ends at once;
 * what was under way is then settled from the journal at the next start. The exit code tells whether all ended by itself.
 */
export function quitInOrder(hosted: () => HostedCore | null): { isQuitting(): boolean } {
  let isQuitting = false

  async function close(): Promise<void> {
    for (const window of BrowserWindow.getAllWindows()) window.hide()
    const ended = await hosted()?.close()
    app.exit(ended?.clean === false ? EXIT.cutShort : EXIT.done)
  }
  app.on('before-quit', (event) => {
    event.preventDefault()
    if (isQuitting) return app.exit(EXIT.interrupted)
    isQuitting = true
    void close()
  })
  app.on('window-all-closed', () => {
    // On macOS an application stays without windows, and its work goes on.
    if (process.platform !== 'darwin') app.quit()
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.quit())
  return { isQuitting: () => isQuitting }
}
