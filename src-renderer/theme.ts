import { create } from 'zustand'

export type Theme = 'system' | 'light' | 'dark'
export type Density = 'normal' | 'compact'

interface Look {
  readonly theme: Theme
  readonly density: Density
}

const STORAGE_KEY = 'baton.look'

/** How the page looks: kept in this browser, by default as the system has it. */
export const useLook = create<Look>(() => readLook())

/** Puts the kept look onto the page and keeps doing so. */
export function applyLook(): void {
  const apply = ({ theme, density }: Look) => {
    const { dataset } = document.documentElement
    if (theme === 'system') delete dataset['theme']
    else dataset['theme'] = theme
    dataset['density'] = density
  }
  apply(useLook.getState())
  useLook.subscribe((look) => {
    apply(look)
    localStorage.setItem(STORAGE_KEY, JSON.stringify(look))
  })
}

/** Light becomes dark and the other way round, whatever the system says. */
export function toggleTheme(): void {
  useLook.setState({ theme: isDark() ? 'light' : 'dark' })
}

/** Whether the page is dark now. */
export function isDark(): boolean {
  const { theme } = useLook.getState()
  return theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
}

function readLook(): Look {
  const kept = localStorage.getItem(STORAGE_KEY) ?? ''
  return {
    theme: kept.includes('"theme":"dark"') ? 'dark' : kept.includes('"theme":"light"') ? 'light' : 'system',
    density: kept.includes('"density":"compact"') ? 'compact' : 'normal',
  }
}
