import type { Policy } from './simulate.ts'

export const STRONG_ONCE: Policy = { name: 'always-strong-once', settings: {}, tier: 'strong', isChecked: false }
export const STRONG: Policy = { name: 'always-strong', settings: {}, tier: 'strong', isChecked: true }
export const LOCAL: Policy = {
  name: 'always-local',
  settings: { highest_tier: 'local' },
  tier: 'local',
  isChecked: true,
}
export const CAREFUL: Policy = { name: 'careful', settings: {}, tier: null, isChecked: true }
export const BALANCED: Policy = { name: 'balanced', settings: { routing: 'balanced' }, tier: null, isChecked: true }
export const LEARNED: Policy = { name: 'learned', settings: { routing: 'learned' }, tier: null, isChecked: true }
