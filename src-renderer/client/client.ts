import { createORPCClient, ORPCError } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { ContractRouterClient } from '@orpc/contract'
import { OpenAPILink } from '@orpc/openapi-client/fetch'
import type { Contract } from '#contract/contract.ts'
import { PORT_MESSAGE } from '#contract/desktop-port.ts'
import { wireError } from '#contract/error.ts'
import { routes } from './routes.ts'
import { LoggedOut, type Login } from './session.ts'

/** Every call the window can make, typed by the contract. */
export type Client = ContractRouterClient<Contract>

/** How this page reaches Baton: through the port that the desktop's preload hands over, or over HTTP with a login. */
export type Connection =
  | { readonly kind: 'port'; readonly client: Client }
  | { readonly kind: 'http'; readonly client: Client; readonly login: Login; readonly base: string }

/** Where the desktop's shell shows this page, a port arrives and no token is needed. */
export function isInDesktop(): boolean {
  return (
    location.protocol === 'app:' || location.hostname === 'baton.localhost' || navigator.userAgent.includes('Electron/')
  )
}

/** The port that the preload posts with `PORT_MESSAGE`; null where none came within `timeoutMs`. */
export function waitForPort(timeoutMs: number): Promise<MessagePort | null> {
  return new Promise((resolve) => {
    const end = (port: MessagePort | null) => {
      clearTimeout(timer)
      window.removeEventListener('message', listen)
      resolve(port)
    }
    const listen = (event: MessageEvent<unknown>) => {
      // Only this window's own preload may hand over a port: a frame or an opener may not.
      if (event.source !== window || !isPortMessage(event.data)) return
      const port = event.ports[0]
      if (port !== undefined) end(port)
    }
    const timer = setTimeout(() => end(null), timeoutMs)
    window.addEventListener('message', listen)
  })
}

function isPortMessage(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'type' in data && data.type === PORT_MESSAGE.type
}

export function connectPort(port: MessagePort): Connection {
  const client: Client = createORPCClient(new RPCLink({ port }))
  port.start()
  return { kind: 'port', client }
}

/** Where the routes of the server lie that has served this page. */
export function apiBase(): string {
  return new URL('api', location.href.replace(/#.*$/, '')).href
}

/** `onUnauthorized` is called when the server no longer takes the login. */
export function connectHttp(login: Login, onUnauthorized: () => void): Connection {
  const base = apiBase()
  const link = new OpenAPILink(routes, {
    url: base,
    headers: async () => {
      try {
        return { authorization: `Bearer ${await login.bearer()}` }
      } catch (fault) {
        if (fault instanceof LoggedOut) onUnauthorized()
        throw fault
      }
    },
    fetch: async (request, init) => {
      const response = await fetch(request, init)
      if (response.status === 401) onUnauthorized()
      return response
    },
    customErrorResponseBodyDecoder: (body, response) => {
      const parsed = wireError.safeParse(body)
      if (!parsed.success) return null
      const { code, message, details, correlation_id } = parsed.data.error
      return new ORPCError(code, { status: response.status, message, data: { details, correlation_id } })
    },
  })
  return { kind: 'http', client: createORPCClient(link), login, base }
}
