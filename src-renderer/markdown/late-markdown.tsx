import type { ComponentProps, ReactNode } from 'react'
import { LatePage } from '../frame/late-page.tsx'
import type Markdown from './markdown.tsx'

const load = () => import('./markdown.tsx')

/** A text in Markdown; what reads it is loaded with the first one. */
export function LateMarkdown({ meanwhile, ...given }: ComponentProps<typeof Markdown> & { meanwhile: ReactNode }) {
  return <LatePage load={load} given={given} meanwhile={meanwhile} />
}
