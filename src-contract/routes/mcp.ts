import { approveMcpServer, mcpServers, ofMcpServer, putMcpServer } from '../mcp.ts'
import { ofProject, route } from './route.ts'

/** Servers of tools that a project's work may use (T7). Each answer has all servers of the project. */
export const mcp = {
  list: route.route({ method: 'GET', path: '/projects/{id}/mcp' }).input(ofProject).output(mcpServers),
  /** Adds or changes one; what is changed is not trusted any more. */
  put: route.route({ method: 'PUT', path: '/projects/{id}/mcp/{name}' }).input(putMcpServer).output(mcpServers),
  /** Trusts one as its hash says: starts or asks it, and takes the tools that it lists as those that are trusted. */
  approve: route
    .route({ method: 'POST', path: '/projects/{id}/mcp/{name}/approve' })
    .input(approveMcpServer)
    .output(mcpServers),
  remove: route.route({ method: 'DELETE', path: '/projects/{id}/mcp/{name}' }).input(ofMcpServer).output(mcpServers),
}
