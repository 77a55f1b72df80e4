import { setTimeout as delay } from 'node:timers/promises'
import { type ModelPull, ollamaModelName } from '#contract/model.ts'
import { CommandFault, EXIT, type ExitCode } from './exit-code.ts'
import { formatBytes } from './format.ts'
import { listenForInterrupt } from './interrupt.ts'
import { print, printJson, say } from './output.ts'
import { createPaint } from './paint.ts'
import { clip, printable } from './printable.ts'
import { withClient } from './session.ts'

const LOOK_MS = 250
const BAR = 28

/** `baton models pull <model>`: has Ollama fetch a model and shows how far it is (R6). Ctrl+C cancels it. */
export function pullModel(name: string, flags: { json?: boolean }): Promise<ExitCode> {
  const model = ollamaModelName.safeParse(name)
  if (!model.success)
    throw new CommandFault(`"${name}" is no model of Ollama. Give a name such as llama3.2 or qwen3:8b.`, EXIT.usage)
  return withClient({}, async ({ api }) => {
    const show = flags.json ? jsonLines() : process.stderr.isTTY ? movingBar(process.stderr) : quietLines()
    const interrupt = listenForInterrupt(() => undefined)
    try {
      let pull = await api.models.pull({ model: model.data })
      while (pull.state === 'running') {
        show(pull)
        if (interrupt.signal.aborted) await api.models.cancelPull({ model: model.data })
        // An interrupt ends the pause; the pull is then asked once more how it ended.
        await delay(LOOK_MS, undefined, { signal: interrupt.signal }).catch(() => delay(LOOK_MS))
        const now = (await api.models.pulls()).find((other) => other.model === pull.model)
        if (now === undefined)
          throw new CommandFault(`Baton lost sight of the pull of ${name}. Begin it again.`, EXIT.failed)
        pull = now
      }
      show(pull)
      if (pull.state === 'succeeded') return EXIT.done
      if (!flags.json) say(pull.detail)
      return pull.state === 'cancelled' ? EXIT.interrupted : EXIT.failed
    } finally {
      interrupt.dispose()
    }
  })
}

function jsonLines(): (pull: ModelPull) => void {
  let last = ''
  return (pull) => {
    const line = JSON.stringify(pull)
    if (line !== last) printJson(pull)
    last = line
  }
}

/** Without a terminal: a line where the server begins something else. */
function quietLines(): (pull: ModelPull) => void {
  let last = ''
  return ({ state, detail }) => {
    if (detail !== last && (state === 'running' || state === 'succeeded')) {
      if (state === 'succeeded') print(printable(detail))
      else say(printable(detail))
    }
    last = detail
  }
}

function movingBar(stream: NodeJS.WriteStream): (pull: ModelPull) => void {
  const paint = createPaint(stream)
  return ({ state, detail, completed_bytes, total_bytes }) => {
    const share = total_bytes === 0 ? 0 : Math.min(1, completed_bytes / total_bytes)
    const filled = Math.round(share * BAR)
    const bar = `${paint.good('━'.repeat(filled))}${paint.dim('─'.repeat(BAR - filled))}`
    const size = total_bytes === 0 ? '' : ` ${formatBytes(completed_bytes)} of ${formatBytes(total_bytes)}`
    const room = Math.max(10, (stream.columns || 80) - BAR - size.length - 6)
    stream.write(
      `\r\x1b[K  ${bar}${size}  ${paint.dim(clip(printable(detail), room))}${state === 'running' ? '' : '\n'}`,
    )
  }
}
