import { randomUUID } from 'node:crypto'
import { ORPCError } from '@orpc/server'
import { RPCHandler } from '@orpc/server/message-port'
import { type IpcMainEvent, ipcMain, MessageChannelMain } from 'electron'
import { createRouter } from '#api/create-router.ts'
import { ASK_FOR_PORT, PORT_GIVEN } from '#contract/desktop-port.ts'
import type { Core, Log } from '#core/core.ts'
import { isOwnPage } from './page.ts'

/** A bug's own text stays in the log; the window gets the id by which the log names it. */
function concealBug(fault: unknown, log: Log): unknown {
  if (fault instanceof ORPCError && (fault.status < 500 || fault.status === 503)) return fault
  const correlation_id = randomUUID()
  const error = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)
  log.error('a call of the window failed', { correlation_id, error })
  return new ORPCError('INTERNAL', {
    status: 500,
    message: `Baton failed in a way it should not have. The log has the cause under ${correlation_id}; please report it.`,
    data: { correlation_id },
    cause: fault,
  })
}

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
    handler.upgrade(port1, { context: { core: await core } })
    port1.start()
  }
  ipcMain.on(ASK_FOR_PORT, (event) => void connect(event))
}
