import { z } from 'zod'
import { projectId, sourceId } from '../ids.ts'
import {
  changeSource,
  documentQuery,
  documentText,
  knowledgeFile,
  knowledgeSource,
  knowledgeStatus,
  newSource,
  newUpload,
  searchQuery,
  searchResult,
} from '../knowledge.ts'
import { pageOf, pageQuery } from '../page.ts'
import { done, route } from './route.ts'

const ofSource = z.strictObject({ id: sourceId })

/** Files to search in, of a project or of everybody (K1–K3). */
export const knowledge = {
  status: route.route({ method: 'GET', path: '/knowledge' }).output(knowledgeStatus),
  /** Newest first; with a project, its own and everybody's. */
  list: route
    .route({ method: 'GET', path: '/knowledge/sources' })
    .input(z.strictObject({ ...pageQuery, project_id: projectId.optional() }))
    .output(pageOf(knowledgeSource)),
  /** Takes a file or a folder of this machine; it is read in the background. */
  add: route
    .route({ method: 'POST', path: '/knowledge/sources', successStatus: 202 })
    .input(newSource)
    .output(knowledgeSource),
  /** Takes a file's content and keeps it. */
  upload: route
    .route({ method: 'POST', path: '/knowledge/uploads', successStatus: 202 })
    .input(newUpload)
    .output(knowledgeSource),
  get: route.route({ method: 'GET', path: '/knowledge/sources/{id}' }).input(ofSource).output(knowledgeSource),
  change: route.route({ method: 'PATCH', path: '/knowledge/sources/{id}' }).input(changeSource).output(knowledgeSource),
  /** Looks for changed files now. */
  refresh: route
    .route({ method: 'POST', path: '/knowledge/sources/{id}/refresh', successStatus: 202 })
    .input(ofSource)
    .output(knowledgeSource),
  remove: route.route({ method: 'DELETE', path: '/knowledge/sources/{id}' }).input(ofSource).output(done),
  files: route
    .route({ method: 'GET', path: '/knowledge/sources/{id}/files' })
    .input(z.strictObject({ id: sourceId, ...pageQuery }))
    .output(pageOf(knowledgeFile)),
  search: route.route({ method: 'GET', path: '/knowledge/search' }).input(searchQuery).output(searchResult),
  /** The text that was read of a document, around a place in it. */
  text: route.route({ method: 'GET', path: '/knowledge/documents/{id}' }).input(documentQuery).output(documentText),
}
