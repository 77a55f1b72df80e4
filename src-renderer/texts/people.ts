import { exactTime } from './figures.ts'

const roles = { admin: 'Admin', operator: 'Operator', viewer: 'Viewer', system: 'System' } as const

export const peopleTexts = {
  title: 'People',
  hint: 'Who may sign in where this Baton is served. A viewer reads what is theirs, an operator also changes it, an admin does everything; system is for webhooks and workers. You, on this machine, need no login.',
  empty: 'Nobody has an account.',
  emptyWhy:
    'The first person who registers at the served page becomes admin; they need the secret from the token file.',
  roles,
  columns: { name: 'Name', role: 'Role', last: 'Last sign-in', active: 'May sign in' },
  never: 'never',
  roleOf: (name: string) => `Role of ${name}`,
  activeOf: (name: string) => `${name} may sign in`,
  open: 'Anybody who reaches the port may register, as a viewer',
  openHint: 'Otherwise only by invitation.',
  invitations: 'Invitations',
  invitationsHint: 'Each lets one person register, in the role that you choose.',
  invite: 'Make an invitation',
  inviteRole: 'Role of the invited',
  inviteLine: (role: string, until: string) => `${role}, until ${exactTime(until)}`,
  code: 'Give this code to the person; it is shown this once:',
  withdraw: 'Withdraw',
} as const

export const tokenTexts = {
  title: 'API tokens',
  hint: 'For scripts: each has a name, rights and an end. Baton keeps only its hash.',
  name: 'Name',
  scopes: 'Rights',
  scopeNames: {
    read: 'read',
    write: 'change',
    work: 'take jobs',
    metrics: 'metrics',
    admin: 'everything',
  },
  days: 'Days',
  make: 'Make a token',
  token: 'Copy the token now; it is shown this once:',
  empty: 'There is no token.',
  columns: { name: 'Name', scopes: 'Rights', last: 'Last used', ends: 'Ends' },
  never: 'never',
  revoked: 'revoked',
  revoke: 'Revoke',
  revokeOf: (name: string) => `Revoke ${name}`,
} as const

export const auditTexts = {
  title: 'Audit trail',
  hint: 'Sign-ins, decisions and changes of settings, newest first. It cannot be changed, and “baton doctor” verifies it.',
  empty: 'Nothing is written down yet.',
  columns: { at: 'When', actor: 'Who', action: 'What', subject: 'To what' },
  actors: { local: 'you, on this machine', baton: 'Baton', nobody: 'not signed in' },
} as const

export const accountTexts = {
  title: 'Account',
  owner: 'You work as the owner of this machine. That needs no login and has every right.',
  user: (name: string, email: string, role: keyof typeof roles) => `${name} (${email}), ${roles[role].toLowerCase()}`,
  signOut: 'Sign out',
  password: 'Change the password',
  passwordHint: 'Ends all your sessions; you sign in again with the new one.',
  current: 'Current password',
  next: 'New password',
  change: 'Change',
  changed: 'The password is changed.',
} as const
