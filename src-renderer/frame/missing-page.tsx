import { Button } from '../parts/button.tsx'
import { EmptyState } from '../parts/notes.tsx'
import { navigate } from '../route.ts'
import { frameTexts } from '../texts/frame.ts'

/** Stands at addresses where nothing is. */
export function MissingPage({ path }: { path: string }) {
  return (
    <EmptyState
      title={frameTexts.missing}
      action={
        <Button variant="primary" onClick={() => navigate({ page: 'projects' })}>
          {frameTexts.toProjects}
        </Button>
      }
    >
      {frameTexts.missingWhy(path)}
    </EmptyState>
  )
}
