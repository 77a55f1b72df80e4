import { onTestFinished } from 'vitest'
import type { Core, CoreOptions } from './core.ts'
import { createCore } from './create-core.ts'
import { temporaryFolder } from './store/store-bench.ts'

/** For tests: a whole core with the demo model, in a folder of its own, which claims no work until `execute`. */
export async function coreBench(options: Partial<CoreOptions> = {}): Promise<{ core: Core; dataDir: string }> {
  const dataDir = options.data_dir ?? temporaryFolder()
  const opened = await createCore({
    data_dir: dataDir,
    version: '0.0.0',
    demo: true,
    // Nothing listens there, so that the machine's own Ollama does not matter.
    ollama_host: 'http://127.0.0.1:9',
    ...options,
  })
  if (!opened.ok) throw new Error(opened.error.message)
  onTestFinished(async () => {
    await opened.value.close(0)
  })
  return { core: opened.value, dataDir }
}
