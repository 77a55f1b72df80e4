import { ORPCError } from '@orpc/client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Service } from '#contract/service.ts'
import { needsConsent, startableService } from '#contract/service-start.ts'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { toastDone, toastFault } from '../parts/toast.tsx'
import { ownServiceTexts as texts } from '../texts/services.ts'
import { StartDialog } from './start-dialog.tsx'

/** What can be done with a server of this machine: start, restart or stop it, say how it is started, read its last lines (H4). */
export function ServiceActions({ service }: { service: Service }) {
  const [open, setOpen] = useState<'start' | 'log' | null>(null)
  const [question, setQuestion] = useState<string | null>(null)
  const act = useAct(setQuestion)
  const id = startableService.safeParse(service.name)
  if (!id.success) return null
  const { own, label } = service
  const isOurs = own?.state === 'running'
  const isThere = service.state === 'healthy' || service.state === 'degraded'
  const busy = act.isPending
  return (
    <div className="mt-2 flex flex-wrap items-center gap-2">
      {(isThere || isOurs || own?.start != null) && (
        <Button small busy={busy} onClick={() => act.mutate({ name: id.data, what: 'restart', consent: false })}>
          {isThere || isOurs ? texts.restart : texts.start}
        </Button>
      )}
      {isOurs && (
        <Button small disabled={busy} onClick={() => act.mutate({ name: id.data, what: 'stop', consent: false })}>
          {texts.stop}
        </Button>
      )}
      <Button small variant="quiet" onClick={() => setOpen('start')} aria-label={texts.commandOf(label)}>
        {texts.command}
      </Button>
      {own !== null && own.state !== 'not_started' && (
        <Button small variant="quiet" onClick={() => setOpen('log')} aria-label={texts.logOf(label)}>
          {texts.log}
        </Button>
      )}
      <span className="min-w-0 break-words text-xs text-ink-3">{own === null ? '' : texts.own(own)}</span>
      {open === 'start' && <StartDialog service={service} name={id.data} onClose={() => setOpen(null)} />}
      {open === 'log' && <LogDialog service={service} onClose={() => setOpen(null)} />}
      <Dialog
        open={question !== null}
        onClose={() => setQuestion(null)}
        title={texts.consent(label)}
        footer={
          <>
            <Button onClick={() => setQuestion(null)}>{texts.leave}</Button>
            <Button
              variant="primary"
              busy={busy}
              onClick={() => act.mutate({ name: id.data, what: 'restart', consent: true })}
            >
              {texts.unload}
            </Button>
          </>
        }
      >
        <p>{question}</p>
      </Dialog>
    </div>
  )
}

interface Act {
  readonly name: string
  readonly what: 'restart' | 'stop'
  readonly consent: boolean
}

/** `ask`: shows what a consent would allow, or takes the question away. */
function useAct(ask: (question: string | null) => void) {
  const client = useClient()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ name, what, consent }: Act) =>
      what === 'stop' ? client.services.stop({ name }) : client.services.restart({ name, consent }),
    onSuccess: ({ message }) => {
      ask(null)
      toastDone(message)
      void queries.invalidateQueries({ queryKey: keys.services })
    },
    onError: (fault) => (isConsentNeeded(fault) ? ask(fault.message) : toastFault(fault)),
  })
}

function LogDialog({ service, onClose }: { service: Service; onClose: () => void }) {
  const client = useClient()
  const log = useQuery({
    queryKey: keys.serviceLog(service.name),
    queryFn: () => client.services.log({ name: service.name }),
    refetchInterval: 2_000,
  })
  const lines = log.data?.lines ?? []
  return (
    <Dialog open wide onClose={onClose} title={texts.logOf(service.label)}>
      <pre className="overflow-auto font-mono text-xs whitespace-pre-wrap">
        {lines.length === 0 ? texts.noLines : lines.join('\n')}
      </pre>
    </Dialog>
  )
}

function isConsentNeeded(fault: unknown): boolean {
  return fault instanceof ORPCError && needsConsent.safeParse(fault.data).success
}
