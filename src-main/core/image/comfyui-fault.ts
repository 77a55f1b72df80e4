import { executionError, type HistoryEntry, type PromptRefused } from './comfyui-wire.ts'

/**
 * Why ComfyUI gave no image.
 * - `unavailable`: cannot be reached, or says it is busy; a started server mends it
 * - `refused`: the workflow itself is wrong; `node_error`: a node broke off; `out_of_memory`: the card is too small for it
 * - `interrupted`: somebody stopped it; `stuck`: it was silent for too long and was stopped by us
 * - `lost`: the server does not know it any more
 * - `bad_result`: ended without an image, or with something that is none
 * - `aborted`: by the caller
 */
export interface ComfyuiFault {
  readonly kind:
    | 'unavailable'
    | 'refused'
    | 'node_error'
    | 'out_of_memory'
    | 'interrupted'
    | 'stuck'
    | 'lost'
    | 'bad_result'
    | 'aborted'
  /** What happened, why and what to do. */
  readonly message: string
  /** Nobody listens there: the server does not run. */
  readonly is_gone?: boolean
}

const MAX_TEXT = 600

/** A refused workflow, told by node. */
export function refusalFault({ error, node_errors }: PromptRefused): ComfyuiFault {
  const nodes = Object.entries(node_errors).map(([id, node]) => {
    const faults = node.errors.map(({ message, details }) => (details === '' ? message : `${message} (${details})`))
    return `Node ${id} (${node.class_type}): ${faults.join('; ')}.`
  })
  const what = nodes.length === 0 ? `${error.message} ${error.details}`.trim() : nodes.join(' ')
  return {
    kind: 'refused',
    message: `ComfyUI refused the workflow. ${clip(what)} Correct the template or what was filled in; a missing node or model has to be installed in ComfyUI.`,
  }
}

/** Why a prompt that is in the history has no result; null where it ended well. */
export function historyFault({ status }: HistoryEntry): ComfyuiFault | null {
  if (status === undefined || status.status_str === 'success') return null
  for (const [type, data] of status.messages) {
    const error = type === 'execution_error' ? executionError.safeParse(data).data : undefined
    if (error !== undefined) return executionFault(error)
    if (type === 'execution_interrupted')
      return {
        kind: 'interrupted',
        message: 'The image was interrupted in ComfyUI before it was done. Ask for it again.',
      }
  }
  return { kind: 'node_error', message: 'ComfyUI failed at this workflow and does not say why. Its own log has more.' }
}

function executionFault(error: ReturnType<typeof executionError.parse>): ComfyuiFault {
  const where = `node ${error.node_id} (${error.node_type})`
  const text = clip(error.exception_message.trim())
  if (/OutOfMemory/i.test(error.exception_type) || /out of memory/i.test(error.exception_message)) {
    return {
      kind: 'out_of_memory',
      message: `The graphics card had not enough memory at ${where}: ${text} Ask for a smaller image, or use a smaller model.`,
    }
  }
  return { kind: 'node_error', message: `ComfyUI failed at ${where}: ${error.exception_type}: ${text}` }
}

function clip(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`
}
