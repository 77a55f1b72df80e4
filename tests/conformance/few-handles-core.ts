/** Opens a core, uses what it has not loaded or looked for yet while no file can be opened, and again when that is over. */

import { createCore } from '../../src-main/core/create-core.ts'
import { isPassword } from '../../src-main/core/identity/passwords.ts'
import { closeAll, openAll } from '../support/all-handles.ts'

const [data_dir = ''] = process.argv.slice(2)
const opened = await createCore({
  ...{ data_dir, version: '0.0.0-test', ollama_host: '127.0.0.1:2', demo: true },
  look_around_later: true,
})
if (!opened.ok) throw new Error(opened.error.message)
const core = opened.value

/** Whether each of them could be done. */
async function tryAll(): Promise<Record<string, boolean>> {
  const uses = {
    knowledge: () => core.knowledge.status(),
    password: () => isPassword('wrong', null),
    surroundings: () => core.lookAround(),
  }
  const done: Record<string, boolean> = {}
  for (const [name, use] of Object.entries(uses)) {
    done[name] = await use().then(
      () => true,
      () => false,
    )
  }
  return done
}

const handles = openAll()
const meanwhile = await tryAll()
closeAll(handles)
process.stdout.write(JSON.stringify({ meanwhile, afterwards: await tryAll() }))
await core.close(0)
