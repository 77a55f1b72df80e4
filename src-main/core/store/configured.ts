import type { BudgetLimits } from '#contract/budget.ts'
import type { ChangeSettings } from '#contract/change-settings.ts'

/** What a configuration file says (X3). It goes before what a person has set, which is kept for when the file is gone. */
export interface Configured {
  readonly file: string
  readonly settings: ChangeSettings
  readonly budget: { readonly [K in keyof BudgetLimits]?: BudgetLimits[K] | undefined }
}

/** `values` without those that are undefined. */
export function given<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>
}

/** `change` without what the file sets: repeating that must not take the place of what a person had set before. */
export function notFixed<T extends object>(fixed: object, change: T): Partial<T> {
  return Object.fromEntries(Object.entries(given(change)).filter(([name]) => !(name in fixed))) as Partial<T>
}

/** Why a change cannot be made: the file says something else. Null where it can; repeating what the file says is no change. */
export function fixedByFile(file: string, fixed: object, change: object): string | null {
  const said = new Map<string, unknown>(Object.entries(fixed))
  const names = Object.entries(change)
    .filter(([name, value]) => said.get(name) !== undefined && JSON.stringify(said.get(name)) !== JSON.stringify(value))
    .map(([name]) => name)
  if (names.length === 0) return null
  return `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} set in ${file}, which goes before what is set here. Nothing was changed. Change it there and start Baton again, or take it out there.`
}
