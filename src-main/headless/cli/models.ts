import type { LoadedModel, ModelProfileStatus } from '#contract/model.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { formatBytes, formatMs } from './format.ts'
import { print, printJson, say } from './output.ts'
import { createPaint, type Paint } from './paint.ts'
import { clip, printable } from './printable.ts'
import { withClient } from './session.ts'
import { renderTable } from './table.ts'

const REASON_WIDTH = 60

/** `baton models`: what tasks can be sent to, whether it can be used now, and what is in memory (R3, H1). */
export function models(flags: { json?: boolean }): Promise<ExitCode> {
  return withClient({ demo: true }, async ({ api }) => {
    const profiles = await api.models.list()
    // Ollama may not be there, which the profiles say better than an error here.
    const loaded = await api.models.loaded().catch((): LoadedModel[] => [])
    if (flags.json) {
      for (const profile of profiles) printJson({ ...profile, loaded: findLoaded(profile, loaded) })
      return EXIT.done
    }
    const paint = createPaint(process.stdout)
    const columns = [
      { title: 'name' },
      { title: 'provider' },
      { title: 'model' },
      { title: 'tiers' },
      { title: 'window', align: 'right' as const },
      { title: '' },
    ]
    print(
      renderTable(
        columns,
        profiles.map((profile) => row(profile, findLoaded(profile, loaded), paint)),
        paint,
      ),
    )
    if (!profiles.some((profile) => profile.provider === 'ollama')) {
      say('No local model is there. Start Ollama and pull one, for example: baton models pull llama3.2')
    }
    return EXIT.done
  })
}

function findLoaded(profile: ModelProfileStatus, loaded: readonly LoadedModel[]): LoadedModel | null {
  if (profile.provider !== 'ollama') return null
  return loaded.find(({ model }) => model === profile.model || model === `${profile.model}:latest`) ?? null
}

function row(profile: ModelProfileStatus, loaded: LoadedModel | null, paint: Paint): string[] {
  const ink = profile.paid ? paint.paid : paint.local
  return [
    printable(profile.name),
    ink(profile.provider),
    printable(profile.model),
    profile.tiers.join(', '),
    String(loaded?.context_tokens ?? profile.context_tokens),
    profile.available
      ? loaded === null
        ? ''
        : paint.dim(inMemory(loaded))
      : paint.waiting(clip(printable(profile.reason), REASON_WIDTH)),
  ]
}

function inMemory({ vram_bytes, size_bytes, expires_at }: LoadedModel): string {
  const where =
    vram_bytes < size_bytes ? `${formatBytes(vram_bytes)} of ${formatBytes(size_bytes)} on the card` : 'loaded'
  if (expires_at === null) return where
  const left = Date.parse(expires_at) - Date.now()
  return left > 0 ? `${where}, ${formatMs(left)} left` : where
}
