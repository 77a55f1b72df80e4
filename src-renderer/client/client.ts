import { createORPCClient, ORPCError } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { ContractRouterClient } from '@orpc/contract'
import { OpenAPILink } from '@orpc/openapi-client/fetch'
import type { Contract } from '#contract/contract.ts'
import { wireError } from '#contract/error.ts'
import { apiBase } from './address.ts'
import { takeAhead } from './ask-ahead.ts'
import { routes } from './routes.ts'
import { LoggedOut, type Login } from './session.ts'

/** Every call the window can make, typed by the contract. */
export type Client = ContractRouterClient<Contract>

/** How this page reaches Baton: through the port that the desktop's preload hands over, or over HTTP with a login. */
export type Connection =
  | { readonly kind: 'port'; readonly client: Client }
  | { readonly kind: 'http'; readonly client: Client; readonly login: Login; readonly base: string }

export function connectPort(port: MessagePort): Connection {
  const client: Client = createORPCClient(new RPCLink({ port }))
  port.start()
  return { kind: 'port', client }
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
      const response = await (takeAhead(request) ?? fetch(request, init))
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
