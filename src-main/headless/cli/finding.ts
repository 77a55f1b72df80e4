/** What `baton doctor` says of one thing. `warn`: something is missing that Baton can work without. */
export interface Finding {
  readonly name: string
  readonly state: 'ok' | 'warn' | 'bad'
  readonly detail: string
}
