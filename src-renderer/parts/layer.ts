import { createContext } from 'react'

/** The open dialog that stands above the page, for what must float above it too; null where none is open. */
export const LayerContext = createContext<HTMLElement | null>(null)
