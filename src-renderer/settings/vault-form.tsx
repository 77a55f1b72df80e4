import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { VaultStatus } from '#contract/service.ts'
import { useClient } from '../client/connection.tsx'
import { toFault } from '../client/fault.ts'
import { keys } from '../client/keys.ts'
import { useVault } from '../client/queries.ts'
import { Button } from '../parts/button.tsx'
import { TextField } from '../parts/field.tsx'
import { toastDone } from '../parts/toast.tsx'
import { vaultTexts as texts } from '../texts/settings.ts'

const MIN_LENGTH = 8

/** Opens the vault, or makes one where `wanted` says that no keychain keeps keys here (S8). */
export function VaultForm({ wanted }: { wanted: boolean }) {
  const vault = useVault()
  const state = vault.data?.state
  if (state === 'open') return <p className="text-xs text-ink-3">{texts.open}</p>
  if (state === 'locked' || (state === 'absent' && wanted)) return <PassphraseForm state={state} />
  return null
}

function PassphraseForm({ state }: { state: 'locked' | 'absent' }) {
  const client = useClient()
  const queries = useQueryClient()
  const [passphrase, setPassphrase] = useState('')
  const [again, setAgain] = useState('')
  const create = state === 'absent'
  const open = useMutation({
    mutationFn: () => client.models.openVault({ passphrase, create }),
    onSuccess: (status: VaultStatus) => {
      queries.setQueryData(keys.vault, status)
      void queries.invalidateQueries({ queryKey: keys.modelKeys })
      toastDone(texts.opened)
    },
    // Nothing of it stays in the page.
    onSettled: () => {
      setPassphrase('')
      setAgain('')
    },
  })
  const isShort = passphrase.length < MIN_LENGTH
  const differs = create && again !== '' && again !== passphrase
  return (
    <form
      aria-label={texts.title}
      className="flex max-w-xl flex-col gap-2 rounded border bg-surface px-4 py-3"
      onSubmit={(event) => {
        event.preventDefault()
        open.mutate()
      }}
    >
      <p className="text-ink-2">{texts[state]}</p>
      <TextField
        type="password"
        autoComplete="off"
        label={texts.passphrase}
        error={open.error === null || passphrase !== '' ? null : toFault(open.error).why}
        hint={create ? texts.tooShort : undefined}
        value={passphrase}
        onChange={(event) => setPassphrase(event.target.value)}
      />
      {create && (
        <TextField
          type="password"
          autoComplete="off"
          label={texts.again}
          error={differs ? texts.differs : null}
          value={again}
          onChange={(event) => setAgain(event.target.value)}
        />
      )}
      <div>
        <Button
          type="submit"
          variant="primary"
          busy={open.isPending}
          disabled={isShort || (create && again !== passphrase)}
        >
          {create ? texts.create : texts.unlock}
        </Button>
      </div>
    </form>
  )
}
