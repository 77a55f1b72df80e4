import { z } from 'zod'

/**
 * Who somebody is to Baton (S1). Viewer reads what is his, operator also changes it, admin does all; `system` is for
 * webhooks and workers, which take jobs and report on them.
 */
export const role = z.enum(['admin', 'operator', 'viewer', 'system'])
export type Role = z.infer<typeof role>

/**
 * What a call needs and a role or an API token gives: `read` and `write` what is one's own, `work` as a worker does,
 * `metrics` alone, `admin` everything that concerns all.
 */
export const scope = z.enum(['read', 'write', 'admin', 'work', 'metrics'])
export type Scope = z.infer<typeof scope>

/** Owner of the data folder: the desktop window, the command line and the token file act as this built-in admin. */
export const LOCAL_USER = 'local'
