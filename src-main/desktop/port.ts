import { RPCHandler } from '@orpc/server/message-port'
import { type IpcMainEvent, ipcMain, MessageChannelMain } from 'electron'
import { createRouter } from '#api/create-router.ts'
import { ownersContext } from '#api/implementer.ts'
import { ASK_FOR_PORT, PORT_GIVEN } from '#contract/desktop-port.ts'
import type { Core, Log } from '#core/core.ts'
import { concealBug } from './conceal-bug.ts'
import { isOwnPage } from './page.ts'

/**
 * Gives the contract to the window's page through a message port (A1), one for each loading of the page. Calls wait in
 * the port until `core` is open. Whoever else asks gets nothing.
 */
export function servePorts(core: Promise<Core>, log: Log): void {
  const handler = new RPCHandler(createRouter(), {
    clientInterceptors: [
      async ({ next }) => {
        try {
          return await next()
        } catch (fault) {
          throw concealBug(fault, log)
        }
      },
    ],
  })

  async function connect(event: IpcMainEvent): Promise<void> {
    const frame = event.senderFrame
    if (frame === null || frame.parent !== null || !isOwnPage(frame.url)) {
      log.warn('a port was asked for by something other than our page, and refused', { url: frame?.url ?? null })
      return
    }
    const { port1, port2 } = new MessageChannelMain()
    frame.postMessage(PORT_GIVEN, null, [port2])
    handler.upgrade(port1, { context: ownersContext(await core) })
    port1.start()
  }
  ipcMain.on(ASK_FOR_PORT, (event) => void connect(event))
}
