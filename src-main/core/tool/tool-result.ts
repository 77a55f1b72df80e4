import type { FileRefusal } from '../workspace/workspace.ts'
import type { ToolResult } from './tool.ts'

export function succeeded(text: string, files_changed: readonly string[] = []): ToolResult {
  return { is_error: false, text, files_changed }
}

/** A failed call that changed nothing. `text` tells the model what happened, why and what to do. */
export function failed(text: string): ToolResult {
  return { is_error: true, text, files_changed: [] }
}

export function refused(refusal: FileRefusal): ToolResult {
  const isOfDisk = refusal.kind === 'full' || refusal.kind === 'read_only'
  return isOfDisk ? { ...failed(refusal.message), disk_refuses: true } : failed(refusal.message)
}
