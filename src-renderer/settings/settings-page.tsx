import { useConnection } from '../client/connection.tsx'
import { useMe } from '../client/queries.ts'
import { LinkButton } from '../parts/button.tsx'
import { classNames } from '../parts/class-names.ts'
import { Page } from '../parts/page.tsx'
import { hrefOf } from '../route.ts'
import { settingsTexts as texts } from '../texts/settings.ts'
import { AccountSettings } from './account-settings.tsx'
import { BackupSettings } from './backup-settings.tsx'
import { CommandSettings } from './command-settings.tsx'
import { DesktopSettings } from './desktop-settings.tsx'
import { FixedNote } from './fixed-note.tsx'
import { KeySettings } from './key-settings.tsx'
import { LimitSettings } from './limit-settings.tsx'
import { LookSettings } from './look-settings.tsx'
import { ModelSettings } from './model-settings.tsx'
import { PeopleSettings } from './people-settings.tsx'
import { RouteSettings } from './route-settings.tsx'
import { type SectionName, sectionNames } from './section-names.ts'
import { WebhookSettings } from './webhook-settings.tsx'
import { WorkSettings } from './work-settings.tsx'

/** What a person can set. `section` is the part of the address after `settings/`. */
export default function SettingsPage({ section }: { section: string | null }) {
  // Keys belong to the models that need them.
  const { kind } = useConnection()
  const me = useMe()
  const mayAll = me.data === undefined || me.data.scopes.includes('admin')
  const names = sectionNames(kind, mayAll)
  const here = names.find((name) => name === section || (name === 'models' && section === 'keys')) ?? names[0] ?? 'look'
  return (
    <Page
      title={texts.title}
      fill
      actions={<LinkButton href={hrefOf({ page: 'first-run' })}>{texts.firstRun}</LinkButton>}
    >
      <div className="flex min-h-0 flex-1">
        <nav aria-label={texts.title} className="flex w-40 shrink-0 flex-col gap-0.5 border-r p-3">
          {names.map((name) => (
            <a
              key={name}
              href={hrefOf({ page: 'settings', section: name })}
              aria-current={name === here ? 'page' : undefined}
              className={classNames(
                'flex h-8 items-center rounded px-2 transition-colors',
                name === here ? 'bg-accent-soft font-medium' : 'text-ink-2 hover:bg-hover hover:text-ink',
              )}
            >
              {texts.sections[name]}
            </a>
          ))}
        </nav>
        <div className="min-w-0 flex-1 overflow-auto px-8 py-6">
          <div className="max-w-4xl">
            {mayAll && <FixedNote />}
            <SectionOf name={here} />
          </div>
        </div>
      </div>
    </Page>
  )
}

function SectionOf({ name }: { name: SectionName }) {
  switch (name) {
    case 'limits':
      return <LimitSettings />
    case 'models':
      return (
        <div className="flex flex-col gap-10">
          <ModelSettings />
          <KeySettings />
        </div>
      )
    case 'routes':
      return <RouteSettings />
    case 'work':
      return (
        <>
          <WorkSettings />
          <CommandSettings />
        </>
      )
    case 'backups':
      return <BackupSettings />
    case 'desktop':
      return <DesktopSettings />
    case 'look':
      return <LookSettings />
    case 'people':
      return <PeopleSettings />
    case 'webhooks':
      return <WebhookSettings />
    case 'account':
      return <AccountSettings />
  }
}
