import { ChevronRight, Cpu, Wrench } from 'lucide-react'
import { useMemo, useState } from 'react'
import { z } from 'zod'
import { type Citation, citation } from '#contract/knowledge-words.ts'
import type { Step } from '#contract/run.ts'
import { useRunSteps } from '../../client/queries.ts'
import { CitationLinks } from '../../knowledge/citation-links.tsx'
import { Chip } from '../../parts/chip.tsx'
import { classNames } from '../../parts/class-names.ts'
import { Input } from '../../parts/field.tsx'
import { Elapsed, Money, Tokens } from '../../parts/figures.tsx'
import { EmptyState, FaultNote, SkeletonRows } from '../../parts/notes.tsx'
import { StateShape } from '../../parts/state-shape.tsx'
import { taskTexts } from '../texts.ts'
import { PHASE_WORDS } from '../words.ts'
import { stepSubject } from './step-subject.ts'
import { asText, TextBlock } from './text-block.tsx'

/** Each model call and tool call of a run: what went in, what came out, what it took. */
export function RunSteps({ runId }: { runId: string }) {
  const steps = useRunSteps(runId)
  const [search, setSearch] = useState('')
  const texts = taskTexts.steps
  const found = useMemo(() => {
    const wanted = search.trim().toLowerCase()
    const all = steps.data ?? []
    return wanted === '' ? all : all.filter((step) => searchable(step).includes(wanted))
  }, [steps.data, search])
  if (steps.error !== null) return <FaultNote error={steps.error} retry={() => void steps.refetch()} />
  if (steps.data === undefined) return <SkeletonRows />
  if (steps.data.length === 0) return <EmptyState title={texts.none}>{texts.noneWhy}</EmptyState>
  return (
    <div className="flex flex-col gap-2">
      <Input
        type="search"
        aria-label={texts.search}
        placeholder={texts.search}
        value={search}
        onChange={(event) => setSearch(event.target.value)}
      />
      {found.length === 0 && <p className="text-ink-3">{texts.noMatch}</p>}
      <ol className="flex flex-col">
        {found.map((step) => (
          <StepRow key={step.id} step={step} />
        ))}
      </ol>
    </div>
  )
}

function StepRow({ step }: { step: Step }) {
  const [isOpen, setOpen] = useState(false)
  const Icon = step.kind === 'model' ? Cpu : Wrench
  const subject = stepSubject(step)
  return (
    <li className="border-b">
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="flex h-9 w-full items-center gap-2 rounded text-left hover:bg-hover"
      >
        <ChevronRight
          size={14}
          aria-hidden
          className={classNames('shrink-0 text-ink-3 transition-transform', isOpen && 'rotate-90')}
        />
        <StateShape state={step.state} />
        <Icon
          size={14}
          aria-label={step.kind === 'model' ? 'Model call' : 'Tool call'}
          className="shrink-0 text-ink-3"
        />
        <span className="min-w-0 flex-1 truncate font-mono text-xs">
          {step.name}
          {subject !== '' && <span className="text-ink-3"> {subject}</span>}
        </span>
        <span className="flex shrink-0 items-center gap-2 text-xs text-ink-3">
          {step.reused && <Chip title={taskTexts.steps.reused}>kept</Chip>}
          {step.input_tokens + step.output_tokens > 0 && <Tokens count={step.input_tokens + step.output_tokens} />}
          {step.kind === 'model' && step.cost_micros > 0 && <Money micros={step.cost_micros} paid />}
          <Elapsed from={step.started_at} to={step.state === 'sent' ? null : (step.ended_at ?? step.started_at)} />
        </span>
      </button>
      {isOpen && (
        <div className="flex flex-col gap-2 pb-3 pl-6">
          <p className="text-xs text-ink-3">
            While {PHASE_WORDS[step.phase]}
            {step.reused && `; ${taskTexts.steps.reused}`}
            {step.state === 'sent' && `; ${taskTexts.steps.underWay}`}
            {step.state === 'unknown' && `; ${taskTexts.steps.unknown}`}.
            {step.files_changed.length > 0 && ` Changed ${step.files_changed.join(', ')}.`}
          </p>
          {step.error !== null && <p className="break-words text-bad select-text">{step.error}</p>}
          <TextBlock label={taskTexts.steps.input} text={asText(step.input)} />
          <CitationLinks citations={citationsOf(step)} />
          {step.output !== null && step.output !== undefined && (
            <TextBlock label={taskTexts.steps.output} text={asText(step.output)} />
          )}
        </div>
      )}
    </li>
  )
}

const cited = z.object({ citations: z.array(citation) })

/** Where what a tool told stands (K3). */
function citationsOf(step: Step): readonly Citation[] {
  return step.kind === 'tool' ? (cited.safeParse(step.output).data?.citations ?? []) : []
}

function searchable(step: Step): string {
  return [step.name, step.error ?? '', asText(step.input), asText(step.output)].join('\n').toLowerCase()
}
