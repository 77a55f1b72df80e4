/** What somebody without a login may ask for: to get one. */
export const LOGINS: ReadonlySet<string> = new Set(['/api/auth/login', '/api/auth/register', '/api/auth/refresh'])

/** The same as limits see them. */
export const LOGIN_ROUTES: ReadonlySet<string> = new Set(['auth.login', 'auth.register', 'auth.refresh'])
