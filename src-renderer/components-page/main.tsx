import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { TooltipProvider } from '../parts/tooltip.tsx'
import '../styles/tokens.css'
import { applyLook } from '../theme.ts'
import { ComponentsPage } from './components-page.tsx'

/** Served by the development server only, as `components.html`: no build has it among its pages. */
applyLook()
const root = document.getElementById('root')
if (root === null) throw new Error('components.html has no #root')
createRoot(root).render(
  <StrictMode>
    <TooltipProvider>
      <ComponentsPage />
    </TooltipProvider>
  </StrictMode>,
)
