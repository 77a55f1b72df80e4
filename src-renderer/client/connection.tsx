import { createContext, type ReactNode, useContext } from 'react'
import type { Client, Connection } from './client.ts'

const ConnectionContext = createContext<Connection | null>(null)

export function ConnectionProvider({ connection, children }: { connection: Connection; children: ReactNode }) {
  return <ConnectionContext value={connection}>{children}</ConnectionContext>
}

/** How this page reaches Baton. Only below `ConnectionProvider`. */
export function useConnection(): Connection {
  const connection = useContext(ConnectionContext)
  if (connection === null) throw new Error('useConnection stands outside of ConnectionProvider')
  return connection
}

/** Every call of the contract. */
export function useClient(): Client {
  return useConnection().client
}
