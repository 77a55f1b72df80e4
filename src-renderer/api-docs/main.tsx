import { StrictMode, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { apiBase } from '../client/address.ts'
import { type Login, takeLogin } from '../client/session.ts'
import { LoginPage } from '../frame/login-page.tsx'
import '../styles/tokens.css'
import { applyLook } from '../theme.ts'
import { ApiDocsPage } from './api-docs-page.tsx'

const given = takeLogin(apiBase())

/** The page is anybody's; what it describes is shown to whom this server knows. */
function ApiDocs() {
  const [login, setLogin] = useState<Login | null>(given)
  return login === null ? <LoginPage ended={false} onLogin={setLogin} /> : <ApiDocsPage login={login} />
}

applyLook()
const root = document.getElementById('root')
if (root === null) throw new Error('api-docs.html has no #root')
createRoot(root).render(
  <StrictMode>
    <ApiDocs />
  </StrictMode>,
)
