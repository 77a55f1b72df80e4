import { app, BrowserWindow, dialog } from 'electron'
import type { HostedCore } from '#http/host-core.ts'
import { texts } from './texts.ts'

const EXIT = { done: 0, cutShort: 1, interrupted: 130 }
const FINISH_AND_QUIT = 0
const KEEP_WORKING = 1

export interface QuitParts {
  hosted(): HostedCore | null
  /** Called once, when it is certain that the application ends. */
  onEnding(): void
}

/** Whether a person who wants to quit means it although work is going on. */
async function meansIt(running: number): Promise<boolean> {
  const { response } = await dialog.showMessageBox({
    type: 'question',
    title: 'Baton',
    message: texts.running(running),
    detail: texts.runningDetail,
    buttons: [texts.finishAndQuit, texts.keepWorking],
    defaultId: FINISH_AND_QUIT,
    cancelId: KEEP_WORKING,
    noLink: true,
  })
  return response === FINISH_AND_QUIT
}

/**
 * Ends core before the process (E8): the first wish to quit asks where work runs, then lets steps under way finish; a second
 * one ends at once, and what was under way is settled from the journal at the next start. A signal is not asked back. The
 * exit code tells whether all ended by itself.
 */
export function quitInOrder({ hosted, onEnding }: QuitParts): { isQuitting(): boolean } {
  let stage: 'working' | 'asking' | 'quitting' = 'working'

  async function close(): Promise<void> {
    stage = 'quitting'
    onEnding()
    for (const window of BrowserWindow.getAllWindows()) window.hide()
    const ended = await hosted()?.close()
    app.exit(ended?.clean === false ? EXIT.cutShort : EXIT.done)
  }

  async function ask(): Promise<void> {
    const running = hosted()?.core.system.status().running ?? 0
    stage = 'asking'
    const isMeant = running === 0 || (await meansIt(running))
    // A signal may have come while the question was open.
    if (stage !== 'asking') return
    if (isMeant) await close()
    else stage = 'working'
  }

  function endAtOnceOr(begin: () => Promise<void>): void {
    if (stage === 'quitting') app.exit(EXIT.interrupted)
    else void begin()
  }

  app.on('before-quit', (event) => {
    event.preventDefault()
    if (stage !== 'asking') endAtOnceOr(ask)
  })
  app.on('window-all-closed', () => {
    // On macOS an application stays without windows, and its work goes on.
    if (process.platform !== 'darwin') app.quit()
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => endAtOnceOr(close))
  return { isQuitting: () => stage === 'quitting' }
}
