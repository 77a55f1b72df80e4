import { useSyncExternalStore } from 'react'
import { parseRoute, type Route } from '../route.ts'

/** The present place; the component renders again when it changes. */
export function useRoute(): Route {
  return parseRoute(useSyncExternalStore(subscribe, readHash))
}

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener)
  return () => window.removeEventListener('hashchange', listener)
}

function readHash(): string {
  return location.hash
}
