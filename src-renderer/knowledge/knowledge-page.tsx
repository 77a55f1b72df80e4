import { BookOpenText, FolderPlus, Search } from 'lucide-react'
import { useState } from 'react'
import { useKnowledgeSources, useProjects } from '../client/queries.ts'
import { Button } from '../parts/button.tsx'
import { Input, Select } from '../parts/field.tsx'
import { EmptyState, FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { Page, Section } from '../parts/page.tsx'
import type { DocumentPlace } from '../route.ts'
import { frameTexts } from '../texts/frame.ts'
import { knowledgeTexts as texts } from '../texts/knowledge.ts'
import { AddSource } from './add-source.tsx'
import { DocumentDrawer } from './document-drawer.tsx'
import { EmbeddingLine } from './embedding-line.tsx'
import { SearchResults } from './search-results.tsx'
import { SourceList } from './source-list.tsx'

/** Files to search in: a search with what it finds, the sources with their state, and a document open at a place. */
export default function KnowledgePage({ place }: { place: DocumentPlace | null }) {
  const sources = useKnowledgeSources()
  const [isAdding, setAdding] = useState(false)
  const [asked, setAsked] = useState({ query: '', projectId: '' })
  const add = (
    <Button variant="primary" icon={<FolderPlus size={14} />} onClick={() => setAdding(true)}>
      {texts.add}
    </Button>
  )
  return (
    <div className="flex min-h-0 min-w-0 flex-1">
      <Page title={frameTexts.pages.knowledge} subtitle={texts.subtitle} actions={add}>
        <div className="flex max-w-4xl flex-col gap-6">
          {sources.error !== null ? (
            <FaultNote error={sources.error} retry={() => void sources.refetch()} />
          ) : sources.data === undefined ? (
            <SkeletonRows />
          ) : sources.data.length === 0 ? (
            <EmptyState icon={<BookOpenText size={28} strokeWidth={1.5} />} title={texts.empty} action={add}>
              {texts.emptyWhy}
            </EmptyState>
          ) : (
            <>
              <SearchForm onSearch={setAsked} />
              {asked.query !== '' && (
                <SearchResults query={asked.query} projectId={asked.projectId === '' ? null : asked.projectId} />
              )}
              <EmbeddingLine />
              <Section title={texts.sources}>
                <SourceList sources={sources.data} />
              </Section>
            </>
          )}
        </div>
      </Page>
      {place !== null && <DocumentDrawer place={place} />}
      <AddSource open={isAdding} onClose={() => setAdding(false)} />
    </div>
  )
}

function SearchForm({ onSearch }: { onSearch: (asked: { query: string; projectId: string }) => void }) {
  const projects = useProjects()
  const [query, setQuery] = useState('')
  const [projectId, setProjectId] = useState('')
  return (
    <search>
      <form
        className="flex gap-2"
        onSubmit={(event) => {
          event.preventDefault()
          onSearch({ query: query.trim(), projectId })
        }}
      >
        <Input
          type="search"
          aria-label={texts.search}
          placeholder={texts.searchPlaceholder}
          value={query}
          maxLength={2_000}
          onChange={(event) => {
            setQuery(event.target.value)
            // What was found goes with what was asked.
            if (event.target.value === '') onSearch({ query: '', projectId })
          }}
        />
        <Select
          aria-label={texts.whose}
          className="w-48 shrink-0"
          value={projectId}
          onChange={setProjectId}
          options={[
            { value: '', label: texts.everything },
            ...(projects.data ?? []).map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
        <Button type="submit" icon={<Search size={14} />} disabled={query.trim() === ''}>
          {texts.searchButton}
        </Button>
      </form>
    </search>
  )
}
