import { api } from './implementer.ts'
import { mcpFor } from './own-view.ts'
import { unwrap } from './unwrap.ts'

const route = api.mcp

export const mcp = {
  list: route.list.handler(async ({ context: { core, caller }, input }) =>
    mcpFor(caller, unwrap(await core.mcp.list(input.id))),
  ),
  put: route.put.handler(async ({ context, input }) => unwrap(await context.core.mcp.put(input))),
  approve: route.approve.handler(async ({ context, input }) => unwrap(await context.core.mcp.approve(input))),
  remove: route.remove.handler(async ({ context: { core, caller }, input }) =>
    mcpFor(caller, unwrap(await core.mcp.remove(input))),
  ),
}
