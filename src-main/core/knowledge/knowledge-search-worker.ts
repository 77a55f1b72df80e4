/** Thread that searches `knowledge.db`, so that neither the main loop nor the reading of files holds a search up. */
import { parentPort, workerData } from 'node:worker_threads'
import { answerOn } from '../thread/thread-port.ts'
import { openKnowledgeToSearch } from './knowledge-database.ts'
import { createKnowledgeReader } from './knowledge-reader.ts'
import type { SearchOperations } from './search-operations.ts'

const { data_dir } = workerData as { readonly data_dir: string }
const reader = createKnowledgeReader(openKnowledgeToSearch(data_dir))

if (parentPort !== null)
  answerOn<SearchOperations>(parentPort, {
    search: reader.search,
    counts: () => reader.counts(),
    files: ({ source_id, after, limit }) => reader.files(source_id, after, limit),
    text: ({ document_id, around }) => reader.text(document_id, around),
  })
