import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { apiBase } from './client/address.ts'
import { takeLogin } from './client/session.ts'
import { Start } from './start.tsx'
import { applyLook } from './theme.ts'

/** Draws the application. `port`: the desktop's, on its way; null where the page was served. */
export function openWindow(port: Promise<MessagePort | null> | null): void {
  const login = port === null ? takeLogin(apiBase()) : null
  applyLook()
  const root = document.getElementById('root')
  if (root === null) throw new Error('index.html has no #root')
  createRoot(root).render(
    <StrictMode>
      <Start port={port} login={login} />
    </StrictMode>,
  )
}
