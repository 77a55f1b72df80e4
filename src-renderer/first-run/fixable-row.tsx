import { useMutation, useQueryClient } from '@tanstack/react-query'
import { addressedProvider } from '#contract/model.ts'
import type { Setup, SetupItem } from '#contract/setup.ts'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { notePull } from '../client/live-pulls.ts'
import { useModelKeys, useModelPulls, useSettings } from '../client/queries.ts'
import { Button, LinkButton } from '../parts/button.tsx'
import { CopyLine } from '../parts/copy-line.tsx'
import { SkeletonRows } from '../parts/notes.tsx'
import { toastFault } from '../parts/toast.tsx'
import { hrefOf } from '../route.ts'
import { PullRow } from '../services/local-models.tsx'
import { KeychainNote, KeyRow } from '../settings/key-settings.tsx'
import { useChangeSettings } from '../settings/use-change-settings.ts'
import { VaultForm } from '../settings/vault-form.tsx'
import { firstRunTexts } from '../texts/first-run.ts'
import { AddressForm } from './address-form.tsx'
import { CheckRow, OpeningRow } from './check-row.tsx'
import type { Check, Fix } from './checks.ts'

const texts = firstRunTexts.fix

/** A line with what mends it. */
export function FixableRow({ check, platform }: { check: Check; platform: Setup['platform'] }) {
  const { fix } = check
  if (fix === null) return <CheckRow check={check} />
  switch (fix.kind) {
    case 'pull':
      return <PullingRow check={check} model={fix.model} />
    case 'use':
      return <OfferedRow check={check} item={fix.item} />
    case 'connect':
      return (
        <OpeningRow check={check} open={texts.connect}>
          <ConnectSteps fix={fix} platform={platform} />
        </OpeningRow>
      )
    case 'card':
      return (
        <OpeningRow check={check} open={texts.check}>
          <p className="text-ink-2">{texts.gpuHint}</p>
          <Command text={texts.gpuCommand} />
        </OpeningRow>
      )
    case 'programs':
      return (
        <OpeningRow check={check} open={texts.how}>
          {fix.details.map((detail) => (
            <p key={detail} className="max-w-2xl text-ink-2">
              {detail}
            </p>
          ))}
          {fix.commands.map((command) => (
            <Command key={command} text={command} />
          ))}
          <p className="text-xs text-ink-3">{texts.live}</p>
        </OpeningRow>
      )
    case 'key':
      return (
        <OpeningRow check={check} open={check.state === 'failing' ? texts.changeKey : texts.addKey}>
          <KeyForm />
        </OpeningRow>
      )
  }
}

function Command({ text }: { text: string }) {
  return <CopyLine text={text} label={texts.copy(text)} copied={texts.copied} />
}

function ConnectSteps({ fix, platform }: { fix: Extract<Fix, { kind: 'connect' }>; platform: Setup['platform'] }) {
  const install = texts.install[fix.server][platform]
  return (
    <>
      <p className="text-ink-2">{install === null ? texts.manual[fix.server] : texts.installHint}</p>
      {install !== null && <Command text={install} />}
      <p className="text-ink-2">{texts.startHint}</p>
      <Command text={texts.start[fix.server]} />
      <AddressForm server={fix.server} item={fix.item} />
      <p className="text-xs text-ink-3">{texts.live}</p>
    </>
  )
}

function PullingRow({ check, model }: { check: Check; model: string }) {
  const client = useClient()
  const queries = useQueryClient()
  const begin = useMutation({
    mutationFn: () => client.models.pull({ model }),
    onSuccess: (pull) => notePull(queries, pull),
    onError: toastFault,
  })
  const pull = useModelPulls().data?.find((known) => known.model === model)
  const isRunning = pull?.state === 'running'
  return (
    <CheckRow
      check={check}
      button={
        !isRunning && (
          <Button variant="primary" busy={begin.isPending} onClick={() => begin.mutate()}>
            {firstRunTexts.ollama.pull(model)}
          </Button>
        )
      }
      below={
        pull !== undefined && (
          <div className="ml-7">
            <PullRow pull={pull} />
          </div>
        )
      }
    />
  )
}

/** A server that answers at its usual address: using it is entering that address for it. */
function OfferedRow({ check, item }: { check: Check; item: SetupItem }) {
  const settings = useSettings()
  const queries = useQueryClient()
  const change = useChangeSettings()
  const provider = addressedProvider.safeParse(item.name).data
  const use = () => {
    if (settings.data === undefined || provider === undefined || item.address === null) return
    change.mutate(
      { base_urls: { ...settings.data.base_urls, [provider]: item.address } },
      { onSuccess: () => void queries.invalidateQueries({ queryKey: keys.setup }) },
    )
  }
  return (
    <CheckRow
      check={check}
      button={
        <Button
          busy={change.isPending}
          disabled={settings.data === undefined}
          aria-label={texts.of(texts.useIt, check.name)}
          onClick={use}
        >
          {texts.useIt}
        </Button>
      }
    />
  )
}

function KeyForm() {
  const status = useModelKeys()
  if (status.data === undefined) return <SkeletonRows rows={1} />
  const claude = status.data.find(({ provider }) => provider === 'anthropic')
  return (
    <>
      <KeychainNote keys={status.data} />
      <VaultForm wanted={status.data.some(({ keychain }) => keychain !== '')} />
      <ul className="-mx-4">{claude !== undefined && <KeyRow status={claude} />}</ul>
      <div>
        <LinkButton href={hrefOf({ page: 'settings', section: 'keys' })}>{texts.moreKeys}</LinkButton>
      </div>
    </>
  )
}
