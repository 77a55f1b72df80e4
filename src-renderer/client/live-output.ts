import { create } from 'zustand'
import type { OutputDelta } from '#contract/stream-item.ts'

/** Characters kept per run, and runs kept at all: enough to read, little enough never to weigh. */
export const MAX_LIVE_CHARACTERS = 200_000
export const MAX_LIVE_RUNS = 64

export interface LivePiece {
  readonly kind: OutputDelta['kind']
  readonly text: string
}

/** What a run has streamed since this page listens. `dropped`: characters cut from the beginning. */
export interface LiveOutput {
  readonly pieces: readonly LivePiece[]
  readonly characters: number
  readonly dropped: number
}

interface LiveOutputStore {
  readonly runs: Readonly<Record<string, LiveOutput>>
}

/** Streamed output by run id. Deltas are never stored by Baton: after the run ended, its steps have the whole text. */
export const useLiveOutputs = create<LiveOutputStore>(() => ({ runs: {} }))

/** Output of one run as it streams; undefined where nothing came yet. */
export function useLiveOutput(runId: string | null): LiveOutput | undefined {
  return useLiveOutputs((store) => (runId === null ? undefined : store.runs[runId]))
}

/** Adds a batch of deltas in one change of the store. */
export function addDeltas(deltas: readonly OutputDelta[]): void {
  if (deltas.length === 0) return
  useLiveOutputs.setState((store) => ({ runs: withDeltas(store.runs, deltas) }))
}

/** Forgets what has been streamed, when the history it belongs to is gone. */
export function clearLiveOutputs(): void {
  useLiveOutputs.setState({ runs: {} })
}

/** The outputs with `deltas` added; neighbours of one kind are joined, the oldest text and runs give way. */
export function withDeltas(
  runs: Readonly<Record<string, LiveOutput>>,
  deltas: readonly OutputDelta[],
): Readonly<Record<string, LiveOutput>> {
  const byRun = new Map<string, LivePiece[]>()
  for (const { run_id, kind, text } of deltas) {
    const pieces = byRun.get(run_id)
    if (pieces === undefined) byRun.set(run_id, [{ kind, text }])
    else push(pieces, { kind, text })
  }
  const next = new Map(Object.entries(runs))
  for (const [runId, added] of byRun) {
    const before = next.get(runId)
    const pieces = [...(before?.pieces ?? [])]
    for (const piece of added) push(pieces, piece)
    const output = capped(pieces, before?.dropped ?? 0)
    // Deleted and set again: the last one written to is the last to give way.
    next.delete(runId)
    next.set(runId, output)
  }
  for (const runId of next.keys()) {
    if (next.size <= MAX_LIVE_RUNS) break
    next.delete(runId)
  }
  return Object.fromEntries(next)
}

function push(pieces: LivePiece[], piece: LivePiece): void {
  const last = pieces.at(-1)
  if (last?.kind === piece.kind) pieces[pieces.length - 1] = { kind: last.kind, text: last.text + piece.text }
  else pieces.push(piece)
}

function capped(pieces: LivePiece[], droppedBefore: number): LiveOutput {
  let characters = pieces.reduce((sum, piece) => sum + piece.text.length, 0)
  let dropped = droppedBefore
  while (characters > MAX_LIVE_CHARACTERS) {
    const first = pieces[0]
    if (first === undefined) break
    const cut = Math.min(first.text.length, characters - MAX_LIVE_CHARACTERS)
    if (cut === first.text.length) pieces.shift()
    else pieces[0] = { kind: first.kind, text: first.text.slice(cut) }
    characters -= cut
    dropped += cut
  }
  return { pieces, characters, dropped }
}
