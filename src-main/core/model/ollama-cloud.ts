/**
 * An entry of `/api/tags`. Ollama marks a model that runs in its cloud by where its calls are sent on to; those models are
 * stubs on the disk and are asked like any other (docs.ollama.com/cloud; `ListModelResponse` in its `api/types.go`).
 */
export interface OllamaEntry {
  readonly name: string
  readonly remote_host?: string | null | undefined
  readonly remote_model?: string | null | undefined
}

/** Whether Ollama sends calls of a model by this name to its cloud: its tag is `cloud` or ends in `-cloud`. */
export function isCloudName(model: string): boolean {
  return /[:-]cloud$/i.test(model)
}

/** Whether it runs elsewhere, so that it is neither local nor free, also under a name that does not tell. */
export function isCloudEntry({ name, remote_host, remote_model }: OllamaEntry): boolean {
  return isCloudName(name) || (remote_host ?? '') !== '' || (remote_model ?? '') !== ''
}

/** Why a model is not used although Ollama would. */
export function cloudRefusal(model: string): string {
  return `Ollama would send ${model} to its cloud, which is neither local nor free, so Baton does not use it. Pull a model that runs here.`
}

const MOST_NAMES = 3

/** What a list of models leaves out, as a sentence after others; empty where nothing is. */
export function leftOutText(names: readonly string[]): string {
  if (names.length === 0) return ''
  const shown = names.slice(0, MOST_NAMES).join(', ')
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : ''
  return ` Left out, because Ollama would send them to its cloud: ${shown}${more}.`
}
