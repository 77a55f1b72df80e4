import type { GpuStatus } from '#contract/gpu.ts'
import type { Service } from '#contract/service.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { formatBytes, formatMs } from './format.ts'
import { print, printJson } from './output.ts'
import { createPaint, type Paint } from './paint.ts'
import { printable } from './printable.ts'
import { withClient } from './session.ts'
import { renderTable } from './table.ts'

const WORDS: Readonly<Record<Service['state'], string>> = {
  healthy: 'works',
  degraded: 'works with trouble',
  down: 'does not answer',
  not_configured: 'not set up',
  unknown: 'not checked yet',
}

/** `baton services`: how everything is that Baton leans on, since when, and who has the card (H1, H3). */
export function services(flags: { json?: boolean; check?: boolean }): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    const known = await api.services.list()
    const found =
      flags.check === true ? await Promise.all(known.map(({ name }) => api.services.check({ name }))) : known
    const gpu = await api.services.gpu()
    if (flags.json) {
      for (const service of found) printJson({ type: 'service', ...service })
      printJson({ type: 'gpu', ...gpu })
      return EXIT.done
    }
    const paint = createPaint(process.stdout)
    const columns = [{ title: 'service' }, { title: '' }, { title: 'for', align: 'right' as const }, { title: '' }]
    const rows = found.map((service) => [
      printable(service.label),
      stateOf(service, paint),
      service.since === null ? '' : sinceOf(service.since),
      paint.dim(printable(`${service.detail}${lastError(service)}`.trim())),
    ])
    print(renderTable(columns, rows, paint))
    for (const line of gpuLines(gpu)) print(line)
    return EXIT.done
  })
}

function stateOf({ state }: Service, paint: Paint): string {
  if (state === 'healthy') return paint.good(WORDS[state])
  return state === 'down' ? paint.bad(WORDS[state]) : paint.waiting(WORDS[state])
}

/** What went wrong before, where it is well again. */
function lastError({ state, last_error }: Service): string {
  if (state !== 'healthy' || last_error === null) return ''
  return ` ${sinceOf(last_error.at)} ago: ${last_error.message}`
}

function sinceOf(at: string): string {
  return formatMs(Math.max(0, Date.now() - Date.parse(at)))
}

function gpuLines(status: GpuStatus): string[] {
  const { holder, turning, waiting, why_apart, trouble, vram, models, swaps, cards } = status
  const who =
    turning !== null
      ? `is being turned over to ${turning.side}, for ${sinceOf(turning.since)}`
      : holder !== null
        ? `is with ${printable(holder.owner)} for ${sinceOf(holder.since)}: ${printable(holder.works_on.join(', ') || holder.purpose)}`
        : 'is free'
  const loaded = models.map((model) => `${printable(model.name)} ${formatBytes(model.bytes)}`)
  return [
    `GPU ${who}.`,
    ...(why_apart === null ? [] : [`  ${why_apart}`]),
    ...(trouble === null ? [] : [`  ${printable(trouble)}`]),
    ...(cards.length > 1 ? cards.map(cardLine) : []),
    ...(vram === null || cards.length > 1
      ? []
      : [`  ${formatBytes(vram.total_bytes - vram.free_bytes)} of ${formatBytes(vram.total_bytes)} are in use.`]),
    ...(loaded.length === 0 ? [] : [`  Loaded: ${loaded.join(', ')}.`]),
    ...waiting.map(({ title, side, since }) => `  waits for ${side}, ${sinceOf(since)}: ${printable(title)}`),
    ...(swaps === 0 ? [] : [`  Turned over ${swaps} ${swaps === 1 ? 'time' : 'times'} since Baton started.`]),
  ]
}

const SIDES = { ollama: 'Ollama', comfyui: 'ComfyUI' } as const

function cardLine({ index, name, total_bytes, free_bytes, sides, owner }: GpuStatus['cards'][number]): string {
  const whose = sides.length === 0 ? '' : `, for ${sides.map((side) => SIDES[side]).join(' and ')}`
  const held = owner === null ? '' : `; ${printable(owner)} has it`
  return `  Card ${index}, ${printable(name)}${whose}: ${formatBytes(total_bytes - free_bytes)} of ${formatBytes(total_bytes)} in use${held}.`
}
