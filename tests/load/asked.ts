/** What to ask for, over and over. */
export interface Asked {
  readonly path: string
  readonly method?: 'GET' | 'POST' | 'PATCH'
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  /** What each request says anew, where no two may be alike. */
  readonly each?: () => { readonly body: string; readonly headers: Readonly<Record<string, string>> }
  readonly connections?: number
}
