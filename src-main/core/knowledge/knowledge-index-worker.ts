/** Thread that reads files and writes `knowledge.db`. It may be ended at any moment. */
import { parentPort, workerData } from 'node:worker_threads'
import { answerOn } from '../thread/thread-port.ts'
import type { IndexOperations } from './index-operations.ts'
import { openKnowledge } from './knowledge-database.ts'
import { createKnowledgeWriter } from './knowledge-writer.ts'
import { readSourceFile, scanSource } from './read-source.ts'

const { data_dir } = workerData as { readonly data_dir: string }
let opened: ReturnType<typeof openKnowledge> | null = null

/** Opens it once; again where it could not be opened, because a full disk passes. */
function open(): ReturnType<typeof openKnowledge> {
  if (opened?.ok !== true) opened = openKnowledge(data_dir)
  return opened
}

function writing() {
  const database = open()
  if (!database.ok) throw new Error(database.error.message)
  return createKnowledgeWriter(database.value)
}

if (parentPort !== null) {
  let made: ReturnType<typeof writing> | null = null
  const writer = (): ReturnType<typeof writing> => {
    made ??= writing()
    return made
  }
  answerOn<IndexOperations>(parentPort, {
    open() {
      const database = open()
      return database.ok ? null : database.error.message
    },
    async scan(source) {
      const scanned = await scanSource(source)
      if (!scanned.ok) return scanned
      const changed = writer().compare(source.source_id, scanned.files)
      return { ok: true, changed, truncated: scanned.truncated }
    },
    async read({ source, file }) {
      await readSourceFile(writer(), source, file)
      return null
    },
    note_problem({ source_id, file, problem }) {
      writer().putProblem(source_id, file, problem)
      return null
    },
    keep_only: (ids) => writer().keepOnly(ids),
    spaces: () => writer().spaces(),
    begin_space: ({ model, dimensions }) => writer().beginSpace(model, dimensions),
    pending: ({ space_id, limit }) => writer().pending(space_id, limit),
    store_vectors({ space_id, ids, vectors, up_to }) {
      writer().storeVectors(space_id, ids, vectors, up_to)
      return null
    },
    search_space(id) {
      writer().search(id)
      return null
    },
    drop_filling() {
      writer().dropFilling()
      return null
    },
    sweep: () => writer().sweepVectors(),
  })
}
