import type { Api } from '../baton-client.ts'
import { printable } from './printable.ts'

const TRY_DEMO = 'or try Baton without any AI: baton run --profile demo "…"'

function withoutDot(reason: string): string {
  return printable(reason).replace(/\.$/, '')
}

/**
 * Null where work can be sent to some model; otherwise why not and what to do. Asks local services anew first, since a
 * core that has just started may not have looked yet.
 */
export async function whyNoModel(api: Api, profile: string | undefined, localOnly: boolean): Promise<string | null> {
  for (const service of await api.services.list()) {
    if (!service.paid && service.state === 'unknown') await api.services.check({ name: service.name })
  }
  const models = await api.models.list()
  if (profile !== undefined) {
    if (models.some((model) => model.name === profile)) return null
    const names = models.map((model) => model.name).join(', ')
    return `There is no model profile "${printable(profile)}". Choose one of: ${names === '' ? 'none yet' : names}.`
  }
  const wanted = models.filter((model) => model.enabled && model.provider !== 'demo' && !(localOnly && model.paid))
  if (wanted.some((model) => model.available)) return null
  const reasons = [...new Set(wanted.map((model) => model.reason).filter((reason) => reason !== ''))]
  const cause = reasons.length === 0 ? '' : `: ${reasons.map(withoutDot).join('; ')}`
  if (localOnly) return `No local model can be used${cause}. Start Ollama and pull a model, ${TRY_DEMO}`
  return `No model can be used${cause}. Set ANTHROPIC_API_KEY, or start Ollama and pull a model, ${TRY_DEMO}`
}
