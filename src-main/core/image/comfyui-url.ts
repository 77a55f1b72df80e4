import { err, ok, type Result } from '#contract/result.ts'

export const DEFAULT_COMFYUI_URL = 'http://127.0.0.1:8188'

/** The base URL behind `COMFYUI_URL`: a URL, or `host[:port]`; ComfyUI's own address where it is empty. Without a slash at the end. */
export function parseComfyuiUrl(given: string): Result<string, string> {
  const text = given.trim()
  if (text === '') return ok(DEFAULT_COMFYUI_URL)
  const url = URL.parse(/^[a-z]+:\/\//i.test(text) ? text : `http://${text}`)
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.hostname === '') {
    return err(`COMFYUI_URL is "${text}", which is not an address. Write it like ${DEFAULT_COMFYUI_URL}.`)
  }
  return ok(`${url.origin}${url.pathname.replace(/\/+$/, '')}`)
}
