import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Activity, RefreshCw } from 'lucide-react'
import { providerId } from '#contract/model.ts'
import type { Service } from '#contract/service.ts'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { useServices } from '../client/queries.ts'
import { Lamp } from '../frame/service-light.tsx'
import { Button, LinkButton } from '../parts/button.tsx'
import { Chip } from '../parts/chip.tsx'
import { useNow } from '../parts/figures.tsx'
import { EmptyState, FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { Page } from '../parts/page.tsx'
import { toastFault } from '../parts/toast.tsx'
import { hrefOf } from '../route.ts'
import { ago, dateTime, exactTime, withLocalTimes } from '../texts/figures.ts'
import { frameTexts } from '../texts/frame.ts'
import { serviceTexts as texts } from '../texts/services.ts'
import { GpuPanel } from './gpu-panel.tsx'
import { ImageTemplatesPanel } from './image-templates.tsx'
import { LocalModels } from './local-models.tsx'
import { ServiceActions } from './service-actions.tsx'

/** What Baton leans on, with its state, since when, and why (H1). */
export default function ServicesPage() {
  const services = useServices()
  const check = useCheck()
  const names = services.data?.map((service) => service.name) ?? []
  return (
    <Page
      title={frameTexts.pages.services}
      subtitle={texts.subtitle}
      actions={
        <Button
          icon={<RefreshCw size={14} />}
          busy={check.isPending && check.variables.length > 1}
          disabled={names.length === 0}
          onClick={() => check.mutate(names)}
        >
          {texts.checkAll}
        </Button>
      }
    >
      <div className="flex max-w-4xl flex-col gap-8">
        {services.error !== null ? (
          <FaultNote error={services.error} retry={() => void services.refetch()} />
        ) : services.data === undefined ? (
          <SkeletonRows />
        ) : services.data.length === 0 ? (
          <EmptyState icon={<Activity size={28} strokeWidth={1.5} />} title={texts.empty}>
            {texts.emptyHint}
          </EmptyState>
        ) : (
          <ul className="divide-y rounded border bg-surface">
            {services.data
              .filter((service) => !isFolded(service))
              .map((service) => (
                <ServiceRow
                  key={service.name}
                  service={service}
                  checking={check.isPending && check.variables.includes(service.name)}
                  onCheck={() => check.mutate([service.name])}
                />
              ))}
            <FoldedRow services={services.data.filter(isFolded)} />
          </ul>
        )}
        <GpuPanel />
        <LocalModels />
        <ImageTemplatesPanel />
      </div>
    </Page>
  )
}

/** Providers that nobody has set up are many and say nothing; Claude is what Baton asks for by default. */
function isFolded(service: Service): boolean {
  return (
    service.state === 'not_configured' &&
    service.own === null &&
    service.name !== 'anthropic' &&
    providerId.safeParse(service.name).success
  )
}

function FoldedRow({ services }: { services: readonly Service[] }) {
  if (services.length === 0) return null
  return (
    <li className="flex items-center gap-4 px-4 py-3">
      <Lamp state="not_configured" size={14} />
      <p className="min-w-0 flex-1 break-words text-ink-2">
        {texts.notSetUp(services.map((service) => service.label).join(', '))}
      </p>
      <LinkButton href={hrefOf({ page: 'settings', section: 'keys' })}>{texts.setUp}</LinkButton>
    </li>
  )
}

function ServiceRow({ service, checking, onCheck }: { service: Service; checking: boolean; onCheck: () => void }) {
  const now = useNow(true)
  return (
    <li className="flex items-center gap-4 px-4 py-3">
      <Lamp state={service.state} size={14} />
      <div className="min-w-0 flex-1">
        <div className="flex items-center gap-2">
          <span className="text-md font-medium">{service.label}</span>
          <Chip tone={service.paid ? 'paid' : 'local'}>{service.paid ? texts.paid : texts.local}</Chip>
        </div>
        <p className="break-words text-ink-2">
          {texts.states[service.state]}
          {service.since !== null && (
            <span className="text-ink-3" title={exactTime(service.since)}>
              {' '}
              {texts.since(dateTime(service.since))}
            </span>
          )}
          {service.detail !== '' && <span>. {withLocalTimes(service.detail)}</span>}
        </p>
        <ServiceActions service={service} />
        {service.state === 'healthy' && service.last_error !== null && (
          <p className="break-words text-xs text-ink-3">
            {texts.lastError(ago(service.last_error.at, now))} {withLocalTimes(service.last_error.message)}
          </p>
        )}
      </div>
      <span className="figures w-40 text-right text-xs text-ink-3">
        {service.checked_at === null ? texts.never : texts.checkedAt(ago(service.checked_at, now))}
      </span>
      {service.paid && service.state === 'not_configured' ? (
        <LinkButton href={hrefOf({ page: 'settings', section: 'keys' })}>{texts.setKey}</LinkButton>
      ) : (
        <Button busy={checking} onClick={onCheck} aria-label={`${texts.check}: ${service.label}`}>
          {texts.check}
        </Button>
      )}
    </li>
  )
}

function useCheck() {
  const client = useClient()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (names: readonly string[]) => Promise.all(names.map((name) => client.services.check({ name }))),
    onSuccess: (checked) => {
      queries.setQueryData<Service[]>(keys.services, (services) =>
        services?.map((service) => checked.find((other) => other.name === service.name) ?? service),
      )
      void queries.invalidateQueries({ queryKey: keys.status })
      void queries.invalidateQueries({ queryKey: keys.models })
    },
    onError: toastFault,
  })
}
