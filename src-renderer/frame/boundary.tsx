import { Component, type ReactNode } from 'react'
import { Button } from '../parts/button.tsx'
import { ErrorNote } from '../parts/notes.tsx'
import { faultTexts } from '../texts/fault.ts'

/** Keeps a fault of one page from taking the rest of the window with it. */
export class Boundary extends Component<{ children: ReactNode }, { message: string | null }> {
  override state: { message: string | null } = { message: null }

  static getDerivedStateFromError(error: unknown): { message: string } {
    return { message: error instanceof Error ? error.message : String(error) }
  }

  override render(): ReactNode {
    if (this.state.message === null) return this.props.children
    return (
      <div className="p-6">
        <ErrorNote
          what={faultTexts.crashed}
          why={this.state.message}
          action={<Button onClick={() => location.reload()}>{faultTexts.reload}</Button>}
        />
      </div>
    )
  }
}
