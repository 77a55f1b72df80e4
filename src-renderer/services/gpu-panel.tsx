import type { GpuStatus } from '#contract/gpu.ts'
import { useGpu } from '../client/queries.ts'
import { useNow } from '../parts/figures.tsx'
import { FaultNote } from '../parts/notes.tsx'
import { Section } from '../parts/page.tsx'
import { Bar } from '../parts/progress.tsx'
import { ago, bytes, dateTime, duration } from '../texts/figures.ts'
import { gpuTexts as texts } from '../texts/services.ts'

/** Who has the card, since when, what is on it, and who waits (H3). */
export function GpuPanel() {
  const gpu = useGpu()
  return (
    <Section title={texts.title} hint={texts.hint}>
      {gpu.error !== null && <FaultNote error={gpu.error} retry={() => void gpu.refetch()} />}
      {gpu.data !== undefined && (
        <div className="flex flex-col gap-3 rounded border bg-surface p-4">
          <Holder gpu={gpu.data} />
          {gpu.data.vram !== null && <Memory vram={gpu.data.vram} models={gpu.data.models} />}
          {gpu.data.cards.length > 1 && <Cards cards={gpu.data.cards} />}
          {gpu.data.trouble !== null && <p className="text-waiting select-text">{gpu.data.trouble}</p>}
          <Queue waiting={gpu.data.waiting} />
          <p className="figures text-xs text-ink-3">
            {texts.swaps(gpu.data.swaps)}
            {gpu.data.last_swap_ms !== null && ` ${texts.lastSwap(duration(gpu.data.last_swap_ms))}`}
          </p>
        </div>
      )}
    </Section>
  )
}

function Holder({ gpu }: { gpu: GpuStatus }) {
  const { holder, turning, why_apart } = gpu
  if (turning !== null)
    return (
      <p className="text-md">
        {texts.turning(texts.sides[turning.side])} <Since at={turning.since} />
      </p>
    )
  if (holder !== null)
    return (
      <div>
        <p className="text-md">
          {texts.held(holder.side === null ? holder.owner : texts.sides[holder.side])} <Since at={holder.since} />
        </p>
        <p className="text-ink-2">{holder.works_on.length === 0 ? holder.purpose : holder.works_on.join(', ')}</p>
      </div>
    )
  return <p className="text-ink-2">{why_apart ?? texts.free}</p>
}

function Since({ at }: { at: string }) {
  return <span className="text-ink-3">{texts.since(dateTime(at))}</span>
}

function Memory({ vram, models }: { vram: NonNullable<GpuStatus['vram']>; models: GpuStatus['models'] }) {
  const used = vram.total_bytes - vram.free_bytes
  const text = texts.memory(bytes(used), bytes(vram.total_bytes))
  return (
    <div className="flex flex-col gap-1">
      <Bar
        role="meter"
        label={text}
        parts={[{ name: 'used', fraction: used / vram.total_bytes, className: 'rounded-full bg-local-fill' }]}
      />
      <p className="figures text-xs text-ink-2">
        {text}
        {models.length > 0 && `: ${models.map((model) => `${model.name} ${bytes(model.bytes)}`).join(', ')}`}
      </p>
    </div>
  )
}

/** Each card by itself, where there are several. */
function Cards({ cards }: { cards: GpuStatus['cards'] }) {
  return (
    <ul className="flex flex-col gap-1">
      {cards.map((card) => (
        <li key={card.index} className="flex flex-wrap gap-x-3">
          <span className="min-w-0 flex-1 truncate">{texts.card(card.index, card.name)}</span>
          <span className="figures text-ink-2">
            {texts.memory(bytes(card.total_bytes - card.free_bytes), bytes(card.total_bytes))}
          </span>
          <span className="text-ink-3">
            {card.sides.map((side) => texts.sides[side]).join(', ')}
            {card.owner !== null && ` ${texts.lease(card.owner)}`}
          </span>
        </li>
      ))}
    </ul>
  )
}

function Queue({ waiting }: { waiting: GpuStatus['waiting'] }) {
  const now = useNow(waiting.length > 0)
  if (waiting.length === 0) return null
  const shown = waiting.slice(0, 20)
  return (
    <div>
      <h3 className="text-xs font-medium text-ink-3">{texts.waiting(waiting.length)}</h3>
      <ul>
        {shown.map((guest) => (
          <li key={`${guest.side}/${guest.task_id ?? guest.title}`} className="flex gap-2">
            <span className="min-w-0 flex-1 truncate">{guest.title}</span>
            <span className="text-ink-3">
              {texts.sides[guest.side]}, {ago(guest.since, now)}
            </span>
          </li>
        ))}
        {waiting.length > shown.length && <li className="text-ink-3">{texts.more(waiting.length - shown.length)}</li>}
      </ul>
    </div>
  )
}
