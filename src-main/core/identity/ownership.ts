import { decodeId, ID_PREFIX, type IdKind } from '#contract/ids.ts'
import type { Store } from '../store/store.ts'

/** Tells whose a row is (S6), from any public id. */
export interface Ownership {
  /** The owner of `id`, or of the project that it belongs to; null where there is no such row, or it is nobody's. */
  ownerOf(id: string): string | null
}

/** The project of a row, per kind. Only constants: nothing of a request gets into the SQL. */
const PROJECT_OF: { readonly [K in IdKind]?: string } = {
  project: 'SELECT ? AS id',
  plan: 'SELECT project_id AS id FROM plan WHERE id = ?',
  task: 'SELECT project_id AS id FROM task WHERE id = ?',
  run: 'SELECT project_id AS id FROM run WHERE id = ?',
  approval: 'SELECT project_id AS id FROM approval WHERE id = ?',
  source: 'SELECT project_id AS id FROM knowledge_source WHERE id = ?',
  checkpoint: 'SELECT project_id AS id FROM checkpoint WHERE id = ?',
}

export function createOwnership(store: Store): Ownership {
  const owners = new Map(
    Object.entries(PROJECT_OF).map(([kind, of]) => [
      kind,
      store.sqlite.prepare<[number], string>(`SELECT p.owner FROM project p JOIN (${of}) o ON p.id = o.id`).pluck(),
    ]),
  )
  // A job belongs to who dispatched it, and to no project.
  owners.set('job', store.sqlite.prepare<[number], string>('SELECT owner FROM job WHERE id = ?').pluck())
  const kinds = new Map(Object.entries(ID_PREFIX).map(([kind, prefix]) => [prefix as string, kind as IdKind]))

  return {
    ownerOf(id) {
      const kind = kinds.get(id.split('_')[0] ?? '')
      const key = kind === undefined ? null : decodeId(kind, id)
      return kind === undefined || key === null ? null : (owners.get(kind)?.get(key) ?? null)
    },
  }
}
