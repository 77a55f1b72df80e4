import type { GpuCard, GpuCardParts } from './gpu-card.ts'
import { createGpuCard } from './gpu-card.ts'
import type { Tenant, TenantId } from './tenant.ts'

/** `cards`: which cards a side works on, by the settings, as they are numbered. */
export interface GpuCardsParts extends Omit<GpuCardParts, 'resources'> {
  cards(side: TenantId): readonly number[]
  /** Whether cards are leased at all. */
  takesLeases(): boolean
}

/** The lease that stands for a card. */
export function leaseOf(card: number): string {
  return `gpu:${card}`
}

/** Why sides on cards of their own need not take turns; null where they have one in common. */
export function whyOwnCards(cards: GpuCardsParts['cards']): string | null {
  const [ollama, comfyui] = [cards('ollama'), cards('comfyui')]
  if (ollama.some((card) => comfyui.includes(card))) return null
  return `Ollama works on ${named(ollama)} and ComfyUI on ${named(comfyui)}, so they need not take turns.`
}

function named(cards: readonly number[]): string {
  return `${cards.length === 1 ? 'card' : 'cards'} ${cards.join(', ')}`
}

/**
 * The cards of this machine (H3). Sides with a card in common take turns, and each takes the leases of all its cards. Sides on
 * cards of their own work side by side, each under its own leases, so that scripts which take one are waited for by that side
 * alone. The settings decide anew at each step.
 */
export function createGpuCards(parts: GpuCardsParts): GpuCard {
  const resources = (side: TenantId): string[] => parts.cards(side).map(leaseOf)
  const shared = createGpuCard({ ...parts, resources })
  const own = {
    ollama: createGpuCard({ ...parts, tenants: alone(parts.tenants, 'ollama'), resources, whyApart: () => null }),
    comfyui: createGpuCard({ ...parts, tenants: alone(parts.tenants, 'comfyui'), resources, whyApart: () => null }),
  }
  const all = [shared, own.ollama, own.comfyui]
  const isApart = (): boolean => whyOwnCards(parts.cards) !== null && parts.takesLeases()

  return {
    enter: (side, who) => (isApart() ? own[side] : shared).enter(side, who),
    rest() {
      for (const card of all) card.rest()
    },
    onCall(listener) {
      for (const card of all) card.onCall(listener)
    },
    status() {
      const [first, ...others] = all.map((card) => card.status())
      if (first === undefined || !isApart()) return shared.status()
      return {
        ...first,
        why_apart: whyOwnCards(parts.cards),
        holder: others.find((status) => status.holder?.side != null)?.holder ?? first.holder,
        turning: others.find((status) => status.turning !== null)?.turning ?? null,
        waiting: others.flatMap((status) => status.waiting),
        trouble: others.find((status) => status.trouble !== null)?.trouble ?? null,
      }
    },
    close() {
      for (const card of all) card.close()
    },
  }
}

/** Nobody has to unload for a side that has its cards for itself. */
function alone(tenants: GpuCardParts['tenants'], side: TenantId): GpuCardParts['tenants'] {
  const other: TenantId = side === 'ollama' ? 'comfyui' : 'ollama'
  const idle: Tenant = { ...tenants[other], release: async () => ({ ok: true, value: 0 }) }
  return { ...tenants, [other]: idle }
}
