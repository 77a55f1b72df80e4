import type { Setup } from '#contract/setup.ts'
import { useModels } from '../client/queries.ts'
import { TierChip } from '../parts/chip.tsx'
import { hrefOf } from '../route.ts'
import { firstRunTexts } from '../texts/first-run.ts'

const texts = firstRunTexts.tiers

/** Which model each kind of task would go to with what was found (R6). */
export function WhoWorks({ tiers }: { tiers: Setup['tiers'] }) {
  const models = useModels()
  if (tiers.every(({ profile }) => profile === null)) return <p className="px-1 text-ink-2">{texts.none}</p>
  return (
    <div className="flex flex-wrap items-center gap-x-5 gap-y-1 px-1">
      {tiers.map(({ tier, profile, display_name, reason }) => (
        <span key={tier} className="flex min-w-0 items-center gap-1.5" title={reason}>
          <span className="text-ink-2">{texts.kinds[tier]}</span>
          {profile === null ? (
            <span className="text-ink-3">{texts.nobody}</span>
          ) : (
            <TierChip
              tier={null}
              paid={models.data?.find((model) => model.name === profile)?.paid}
              profile={display_name}
            />
          )}
        </span>
      ))}
      <a href={hrefOf({ page: 'settings', section: 'routes' })} className="text-accent hover:underline">
        {texts.change}
      </a>
    </div>
  )
}
