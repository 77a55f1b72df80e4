import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { type LoadedModel, type ModelPull, ollamaModelName } from '#contract/model.ts'
import { useClient } from '../client/connection.tsx'
import { notePull } from '../client/live-pulls.ts'
import { useLoadedModels, useModelPulls, useModels, useStatus } from '../client/queries.ts'
import { Button } from '../parts/button.tsx'
import { Input } from '../parts/field.tsx'
import { useNow } from '../parts/figures.tsx'
import { Section } from '../parts/page.tsx'
import { Progress } from '../parts/progress.tsx'
import { Table, Td, Th } from '../parts/table.tsx'
import { toastFault } from '../parts/toast.tsx'
import { bytes, duration, number } from '../texts/figures.ts'
import { localModelTexts as texts } from '../texts/services.ts'

/** Models of Ollama: which there are, which are in memory and until when, and pulling another (R6, H1). */
export function LocalModels() {
  const models = useModels()
  const pulls = useModelPulls()
  const found = models.data?.filter((model) => model.provider === 'ollama') ?? []
  const isThere =
    useStatus().data?.services.some(({ name, state }) => name === 'ollama' && state === 'healthy') ?? false
  const loaded = useLoadedModels(isThere)
  return (
    <Section title={texts.title} hint={texts.hint}>
      {found.length > 0 && (
        <div className="overflow-hidden rounded border bg-surface [&_tr:last-child_td]:border-b-0">
          <Table>
            <thead>
              <tr>
                <Th>{texts.columns.model}</Th>
                <Th numeric>{texts.columns.window}</Th>
                <Th>{texts.columns.memory}</Th>
              </tr>
            </thead>
            <tbody>
              {found.map((model) => {
                const now = findLoaded(model.model, loaded.data ?? [])
                return (
                  <tr key={model.name}>
                    <Td className="font-mono break-words">{model.model}</Td>
                    <Td numeric>{number(now?.context_tokens ?? model.context_tokens)}</Td>
                    <Td>
                      {now === null ? <span className="text-ink-3">{texts.notLoaded}</span> : <Memory model={now} />}
                    </Td>
                  </tr>
                )
              })}
            </tbody>
          </Table>
        </div>
      )}
      <PullForm />
      {pulls.data?.map((pull) => (
        <PullRow key={pull.model} pull={pull} />
      ))}
    </Section>
  )
}

function findLoaded(name: string, loaded: readonly LoadedModel[]): LoadedModel | null {
  return loaded.find(({ model }) => model === name || model === `${name}:latest`) ?? null
}

function Memory({ model }: { model: LoadedModel }) {
  const now = useNow(true)
  const left = model.expires_at === null ? null : Date.parse(model.expires_at) - now
  const isWhole = model.vram_bytes >= model.size_bytes
  return (
    <span className={isWhole ? 'text-good' : 'text-ink-2'}>
      {isWhole ? texts.onCard(bytes(model.vram_bytes)) : texts.partly(bytes(model.vram_bytes), bytes(model.size_bytes))}
      {left !== null && left > 0 && <span className="figures text-ink-3"> {texts.left(duration(left))}</span>}
    </span>
  )
}

function PullForm() {
  const client = useClient()
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const wanted = ollamaModelName.safeParse(name.trim())
  const pull = useMutation({
    mutationFn: (model: string) => client.models.pull({ model }),
    onSuccess: (begun) => {
      setName('')
      notePull(queries, begun)
    },
    onError: toastFault,
  })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (wanted.success) pull.mutate(wanted.data)
      }}
      className="flex max-w-xl gap-2"
    >
      <Input
        aria-label={texts.name}
        placeholder={texts.placeholder}
        autoComplete="off"
        spellCheck={false}
        value={name}
        onChange={(event) => setName(event.target.value)}
        className="font-mono"
      />
      <Button type="submit" icon={<Download size={14} />} busy={pull.isPending} disabled={!wanted.success}>
        {texts.pull}
      </Button>
    </form>
  )
}

/** A model that is being pulled, with how far it is and a way to end it; or how the pull ended. */
export function PullRow({ pull }: { pull: ModelPull }) {
  const client = useClient()
  const cancel = useMutation({
    mutationFn: () => client.models.cancelPull({ model: pull.model }),
    onError: toastFault,
  })
  const isKnown = pull.total_bytes > 0
  return (
    <div className="flex max-w-xl flex-col gap-1 rounded border bg-surface px-4 py-3">
      <div className="flex items-center gap-2">
        <span className="min-w-0 flex-1 font-mono break-words">{pull.model}</span>
        {pull.state === 'running' && (
          <Button busy={cancel.isPending} onClick={() => cancel.mutate()} aria-label={texts.cancelOf(pull.model)}>
            {texts.cancel}
          </Button>
        )}
      </div>
      {pull.state === 'running' && (
        <Progress value={isKnown ? pull.completed_bytes / pull.total_bytes : null} label={texts.pulling(pull.model)}>
          {isKnown ? texts.of(bytes(pull.completed_bytes), bytes(pull.total_bytes)) : null}
        </Progress>
      )}
      <p className={pull.state === 'failed' ? 'break-words text-bad' : 'break-words text-ink-2'}>{pull.detail}</p>
    </div>
  )
}
