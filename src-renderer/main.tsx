import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { apiBase, isInDesktop, waitForPort } from './client/client.ts'
import { takeLogin } from './client/session.ts'
import { Start } from './start.tsx'
import './styles/tokens.css'
import { applyLook } from './theme.ts'

// Listens before anything is drawn: the preload may post the port at any moment from now on.
const port = isInDesktop() ? waitForPort(15_000) : null
const login = port === null ? takeLogin(apiBase()) : null

applyLook()
const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <Start port={port} login={login} />
  </StrictMode>,
)
