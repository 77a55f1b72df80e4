import { z } from 'zod'
import { backup, backupCheck, backupId } from '../backup.ts'
import { pageOf } from '../page.ts'
import { route } from './route.ts'

/** Copies of the database and what belongs to it (D3). Restoring is for the command line: it needs the folder alone. */
export const backups = {
  list: route.route({ method: 'GET', path: '/backups' }).output(pageOf(backup)),
  create: route.route({ method: 'POST', path: '/backups', successStatus: 201 }).output(backup),
  verify: route
    .route({ method: 'POST', path: '/backups/{id}/verify' })
    .input(z.strictObject({ id: backupId }))
    .output(backupCheck),
}
