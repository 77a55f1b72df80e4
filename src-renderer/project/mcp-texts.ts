export const mcpTexts = {
  title: 'MCP servers',
  hint: 'Programs and services whose tools this project’s tasks may use. Nothing of one is started or asked until you trust it, and a change has to be trusted anew.',
  server: (name: string) => `MCP server ${name}`,
  offer: (name: string) => `.mcp.json of the workspace offers ${name}`,
  states: { untrusted: 'not trusted', trusted: 'trusted', changed: 'changed' },
  tools: (count: number) => `${count} tools`,
  trust: 'Trust it',
  remove: 'Remove',
  take: 'Take over',
  add: 'Add a server',
  name: 'Name',
  wrongName: 'Letters, digits, - and single _; at most 24.',
  setup: 'Setup (JSON)',
  setupHint:
    'config as in mcpServers; besides: variables, hosts, folders, sandboxed (true), calls ("ask" or "allow"), trust_hints.',
  wrongSetup: 'That is no setup: {"config": {"command": "…"}} or {"config": {"type": "http", "url": "…"}}.',
} as const
