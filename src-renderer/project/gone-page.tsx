import { Trash2 } from 'lucide-react'
import { Button } from '../parts/button.tsx'
import { EmptyState } from '../parts/notes.tsx'
import { Page } from '../parts/page.tsx'
import { navigate } from '../route.ts'
import { projectTexts } from './texts.ts'

const texts = projectTexts.gone

/** In place of a project that is not there, or not any more: what was known of it would be read as if it still were. */
export function GonePage() {
  return (
    <Page title={texts.title}>
      <EmptyState
        icon={<Trash2 size={28} strokeWidth={1.5} />}
        title={texts.what}
        action={<Button onClick={() => navigate({ page: 'projects' })}>{texts.projects}</Button>}
      >
        {texts.why}
      </EmptyState>
    </Page>
  )
}
