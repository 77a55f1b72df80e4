import type { z } from 'zod'
import type { mediaKind } from '#contract/knowledge.ts'

export type Media = z.infer<typeof mediaKind>

/** A piece of a document's text that belongs together: a line, a paragraph. Pieces follow each other without gaps. */
export interface Piece {
  readonly text: string
  /** Line of the file, from 1; of a PDF, of the page. */
  readonly line: number
  /** Page of a PDF, from 1. */
  readonly page: number | null
  /** The headings above it; what a chunk is found by beside its text. */
  readonly heading: string
  /** A new part begins here, so a chunk had better begin here too. */
  readonly begins: boolean
}

/** A document as it was read. */
export interface Reading {
  readonly media: Media
  readonly pieces: readonly Piece[]
  readonly pages: number | null
  readonly lines: number | null
}
