import {
  exported,
  exportPiece,
  importBegun,
  importPiece,
  importReceived,
  newExport,
  newImport,
  ofTransfer,
  readExport,
} from '../archive.ts'
import { project } from '../project.ts'
import { done, route } from './route.ts'

/**
 * Whole projects as files (D3), in pieces, so that every carrier can carry them. Scripts may prefer the two routes beside
 * these: `GET /projects/{id}/export` answers with the file, `POST /projects/import` takes it as its body.
 */
export const archives = {
  /** Makes the archive; it waits to be read, and is thrown away when it is discarded or nobody reads for an hour. */
  export: route.route({ method: 'POST', path: '/exports', successStatus: 201 }).input(newExport).output(exported),
  read: route.route({ method: 'GET', path: '/exports/{id}' }).input(readExport).output(exportPiece),
  discard: route.route({ method: 'DELETE', path: '/exports/{id}' }).input(ofTransfer).output(done),
  begin: route.route({ method: 'POST', path: '/imports', successStatus: 201 }).input(newImport).output(importBegun),
  /** The next piece; `offset` says where it belongs, so that one that is sent twice is noticed. */
  append: route.route({ method: 'PUT', path: '/imports/{id}' }).input(importPiece).output(importReceived),
  /** All is there: checks it as a whole and makes a project of it, or nothing. */
  finish: route
    .route({ method: 'POST', path: '/imports/{id}/finish', successStatus: 201 })
    .input(ofTransfer)
    .output(project),
  abandon: route.route({ method: 'DELETE', path: '/imports/{id}' }).input(ofTransfer).output(done),
}
