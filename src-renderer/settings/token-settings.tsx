import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { ApiToken } from '#contract/identity.ts'
import { type Scope, scope as scopeSchema } from '#contract/role.ts'
import { keys } from '../client/keys.ts'
import { useApiTokens } from '../client/queries.ts'
import { Button } from '../parts/button.tsx'
import { TextField } from '../parts/field.tsx'
import { FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { Section } from '../parts/page.tsx'
import { Table, Td, Th } from '../parts/table.tsx'
import { useCall } from '../project/use-call.ts'
import { exactTime } from '../texts/figures.ts'
import { tokenTexts as texts } from '../texts/people.ts'
import { ShownOnce } from './shown-once.tsx'

const PRESET_DAYS = '90'

/** Tokens for scripts (S2). */
export function TokenSettings() {
  const tokens = useApiTokens()
  return (
    <Section title={texts.title} hint={texts.hint}>
      <NewToken />
      {tokens.error !== null ? (
        <FaultNote error={tokens.error} retry={() => void tokens.refetch()} />
      ) : tokens.data === undefined ? (
        <SkeletonRows rows={2} />
      ) : tokens.data.length === 0 ? (
        <p className="text-ink-2">{texts.empty}</p>
      ) : (
        <Table aria-label={texts.title}>
          <thead>
            <tr>
              <Th className="w-full">{texts.columns.name}</Th>
              <Th>{texts.columns.scopes}</Th>
              <Th>{texts.columns.last}</Th>
              <Th>{texts.columns.ends}</Th>
              <Th />
            </tr>
          </thead>
          <tbody>
            {tokens.data.map((token) => (
              <TokenRow key={token.id} token={token} />
            ))}
          </tbody>
        </Table>
      )}
    </Section>
  )
}

function useRefresh(): () => void {
  const queries = useQueryClient()
  return () => void queries.invalidateQueries({ queryKey: keys.apiTokens })
}

function NewToken() {
  const refresh = useRefresh()
  const [name, setName] = useState('')
  const [days, setDays] = useState(PRESET_DAYS)
  const [scopes, setScopes] = useState<readonly Scope[]>(['read'])
  const [token, setToken] = useState<string | null>(null)
  const make = useCall(
    (client, expires_in_days: number) => client.users.createToken({ name, scopes: [...scopes], expires_in_days }),
    (made) => {
      setToken(made.token)
      setName('')
      refresh()
    },
  )
  const count = /^\d{1,4}$/.test(days) ? Number(days) : 0
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          make.run(count)
        }}
        className="flex flex-wrap items-start gap-4"
      >
        <TextField label={texts.name} value={name} onChange={(event) => setName(event.target.value)} />
        <TextField
          label={texts.days}
          inputMode="numeric"
          className="w-20"
          value={days}
          onChange={(event) => setDays(event.target.value)}
        />
        <fieldset className="flex flex-col gap-1">
          <legend className="text-xs font-medium text-ink-2">{texts.scopes}</legend>
          <span className="flex h-8 items-center gap-3">
            {scopeSchema.options.map((scope) => (
              <label key={scope} className="flex items-center gap-1">
                <input
                  type="checkbox"
                  checked={scopes.includes(scope)}
                  onChange={(event) =>
                    setScopes(event.target.checked ? [...scopes, scope] : scopes.filter((one) => one !== scope))
                  }
                />
                {texts.scopeNames[scope]}
              </label>
            ))}
          </span>
        </fieldset>
        <Button
          type="submit"
          className="mt-5"
          busy={make.isBusy}
          disabled={name.trim() === '' || scopes.length === 0 || count < 1 || count > 3_650}
        >
          {texts.make}
        </Button>
      </form>
      {token !== null && <ShownOnce label={texts.token} secret={token} />}
    </>
  )
}

function TokenRow({ token }: { token: ApiToken }) {
  const revoke = useCall((client, id: string) => client.users.revokeToken({ id }), useRefresh())
  return (
    <tr>
      <Td>{token.name}</Td>
      <Td className="whitespace-nowrap">{token.scopes.map((scope) => texts.scopeNames[scope]).join(', ')}</Td>
      <Td className="figures whitespace-nowrap">
        {token.last_used_at === null ? texts.never : exactTime(token.last_used_at)}
      </Td>
      <Td className="figures whitespace-nowrap">
        {token.revoked_at !== null
          ? texts.revoked
          : token.expires_at === null
            ? texts.never
            : exactTime(token.expires_at)}
      </Td>
      <Td>
        {token.revoked_at === null && (
          <Button
            small
            aria-label={texts.revokeOf(token.name)}
            busy={revoke.isBusy}
            onClick={() => revoke.run(token.id)}
          >
            {texts.revoke}
          </Button>
        )}
      </Td>
    </tr>
  )
}
