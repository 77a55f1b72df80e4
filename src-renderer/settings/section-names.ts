import type { Connection } from '../client/client.ts'
import { settingsTexts } from '../texts/settings.ts'

export type SectionName = keyof typeof settingsTexts.sections

const NAMES = Object.keys(settingsTexts.sections) as SectionName[]
/** What everybody may set; the rest is for admins. */
const OWN: readonly SectionName[] = ['look', 'account']

/** The sections of the settings that somebody has here. `mayAll`: is an admin, or not known yet. */
export function sectionNames(kind: Connection['kind'], mayAll: boolean): SectionName[] {
  // The window of this machine has no login to speak of, and a browser has no tray.
  const elsewhere: SectionName = kind === 'http' ? 'desktop' : 'account'
  return NAMES.filter((name) => (mayAll || OWN.includes(name)) && name !== elsewhere)
}
