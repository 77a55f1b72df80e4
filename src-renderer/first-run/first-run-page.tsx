import { useMutation, useQueryClient } from '@tanstack/react-query'
import { RefreshCw } from 'lucide-react'
import { useClient } from '../client/connection.tsx'
import { useMe, useProjects, useServices } from '../client/queries.ts'
import { Button } from '../parts/button.tsx'
import { FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { Page, Section } from '../parts/page.tsx'
import { Progress } from '../parts/progress.tsx'
import { toastFault } from '../parts/toast.tsx'
import { navigate } from '../route.ts'
import { firstRunTexts as texts } from '../texts/first-run.ts'
import { CheckRow } from './check-row.tsx'
import { checksOf, checksOfServices, LOOKING } from './checks.ts'
import { storeFirstRunDone } from './first-run-done.ts'
import { FixableRow } from './fixable-row.tsx'
import { MonthlyCap } from './monthly-cap.tsx'
import { SamplePanel } from './sample-panel.tsx'
import { useLiveSetup } from './use-live-setup.ts'
import { WhoWorks } from './who-works.tsx'

/** Where a new user begins (U3): what this machine offers, what may be spent, and a project to try it with. */
export default function FirstRunPage() {
  const me = useMe()
  const leave = useLeave(me.data?.scopes.includes('admin') === true)
  const hasProjects = (useProjects().data?.length ?? 0) > 0
  const scopes = me.data?.scopes
  const setup = useLiveSetup(scopes?.includes('admin') === true)
  return (
    <Page
      title={texts.title}
      subtitle={texts.subtitle}
      actions={
        <>
          {scopes?.includes('admin') === true && (
            <Button icon={<RefreshCw size={14} />} busy={setup.isFetching} onClick={() => void setup.refetch()}>
              {texts.again}
            </Button>
          )}
          <Button busy={leave.isPending} disabled={scopes === undefined} onClick={() => leave.mutate()}>
            {hasProjects ? texts.done : texts.leave}
          </Button>
        </>
      }
    >
      {scopes === undefined ? (
        <SkeletonRows />
      ) : (
        <div className="flex max-w-4xl flex-col gap-7">
          {scopes.includes('admin') ? <Machine setup={setup} /> : <OthersMachine />}
          <div className="grid items-start gap-8 md:grid-cols-2">
            {scopes.includes('admin') && <MonthlyCap />}
            <SamplePanel mayRun={scopes.includes('write')} />
          </div>
        </div>
      )}
    </Page>
  )
}

function Machine({ setup }: { setup: ReturnType<typeof useLiveSetup> }) {
  const services = useServices()
  if (setup.error !== null && setup.data === undefined) {
    return (
      <Section title={texts.machine}>
        <FaultNote error={setup.error} retry={() => void setup.refetch()} />
      </Section>
    )
  }
  return (
    <Section title={texts.machine}>
      <ul className="divide-y rounded border bg-surface">
        {setup.data === undefined
          ? LOOKING.map((check) => <CheckRow key={check.id} check={check} />)
          : checksOf(setup.data, services.data ?? []).map((check) => (
              <FixableRow key={check.id} check={check} platform={setup.data.platform} />
            ))}
      </ul>
      {setup.data === undefined ? (
        <Progress value={null} label={texts.looking} />
      ) : (
        <WhoWorks tiers={setup.data.tiers} />
      )}
    </Section>
  )
}

/** For those who may not change the machine: how its services are, in words. */
function OthersMachine() {
  const services = useServices()
  return (
    <Section title={texts.machine} hint={texts.others}>
      {services.error !== null ? (
        <FaultNote error={services.error} retry={() => void services.refetch()} />
      ) : services.data === undefined ? (
        <SkeletonRows rows={3} />
      ) : (
        <ul className="divide-y rounded border bg-surface">
          {checksOfServices(services.data).map((check) => (
            <CheckRow key={check.id} check={check} />
          ))}
        </ul>
      )}
    </Section>
  )
}

/** Leaves the page, and for good where the user may say so for this Baton. */
function useLeave(isAdmin: boolean) {
  const client = useClient()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async () => {
      if (isAdmin) await storeFirstRunDone(client, queries)
    },
    onSuccess: () => navigate({ page: 'projects' }, { replace: true }),
    onError: toastFault,
  })
}
