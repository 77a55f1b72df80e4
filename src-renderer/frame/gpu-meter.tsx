import { useGpu } from '../client/queries.ts'
import { Bar } from '../parts/progress.tsx'
import { Tooltip } from '../parts/tooltip.tsx'
import { bytes } from '../texts/figures.ts'
import { gpuTexts as texts } from '../texts/services.ts'

/** The card's memory and who has it (U1); nothing where no card is known. */
export function GpuMeter() {
  const { data: gpu } = useGpu()
  if (gpu === undefined || gpu.vram === null) return null
  const { holder, turning, vram } = gpu
  const used = vram.total_bytes - vram.free_bytes
  const who =
    turning !== null
      ? texts.turning(texts.sides[turning.side])
      : holder === null
        ? texts.nobody
        : holder.side === null
          ? holder.owner
          : texts.sides[holder.side]
  const text = texts.memory(bytes(used), bytes(vram.total_bytes))
  return (
    <Tooltip text={`${text}. ${who}`}>
      <span className="figures flex shrink-0 items-center gap-1.5">
        <span className="text-ink-3 max-xl:hidden">{texts.short}</span>
        <Bar
          role="meter"
          label={`${text}. ${who}`}
          className="w-14"
          parts={[{ name: 'used', fraction: used / vram.total_bytes, className: 'bg-local-fill' }]}
        />
        <span className="max-w-28 truncate text-ink-2 max-lg:hidden">{who}</span>
      </span>
    </Tooltip>
  )
}
