import { useQueryClient } from '@tanstack/react-query'
import { Users } from 'lucide-react'
import { useState } from 'react'
import type { User } from '#contract/identity.ts'
import { type Role, role as roleSchema } from '#contract/role.ts'
import { keys } from '../client/keys.ts'
import { useAudit, useInvites, useSettings, useUsers } from '../client/queries.ts'
import { Button } from '../parts/button.tsx'
import { Select, Switch } from '../parts/field.tsx'
import { EmptyState, FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { Section } from '../parts/page.tsx'
import { Table, Td, Th } from '../parts/table.tsx'
import { useCall } from '../project/use-call.ts'
import { exactTime } from '../texts/figures.ts'
import { auditTexts, peopleTexts as texts } from '../texts/people.ts'
import { ShownOnce } from './shown-once.tsx'
import { TokenSettings } from './token-settings.tsx'
import { useChangeSettings } from './use-change-settings.ts'

const ROLES = roleSchema.options.map((value) => ({ value, label: texts.roles[value] }))

/** Who else may come in (S1), by what scripts do (S2), and what all of them did (S7). */
export function PeopleSettings() {
  return (
    <div className="flex flex-col gap-10">
      <UserSection />
      <InviteSection />
      <TokenSettings />
      <AuditSection />
    </div>
  )
}

function UserSection() {
  const users = useUsers()
  const settings = useSettings()
  const change = useChangeSettings()
  return (
    <Section title={texts.title} hint={texts.hint}>
      {users.error !== null ? (
        <FaultNote error={users.error} retry={() => void users.refetch()} />
      ) : users.data === undefined ? (
        <SkeletonRows />
      ) : users.data.length === 0 ? (
        <EmptyState icon={<Users size={28} strokeWidth={1.5} />} title={texts.empty}>
          {texts.emptyWhy}
        </EmptyState>
      ) : (
        <Table aria-label={texts.title}>
          <thead>
            <tr>
              <Th className="w-full">{texts.columns.name}</Th>
              <Th>{texts.columns.role}</Th>
              <Th>{texts.columns.last}</Th>
              <Th>{texts.columns.active}</Th>
            </tr>
          </thead>
          <tbody>
            {users.data.map((user) => (
              <UserRow key={user.id} user={user} />
            ))}
          </tbody>
        </Table>
      )}
      {settings.data !== undefined && (
        <Switch
          checked={settings.data.registration_open}
          onChange={(registration_open) => change.mutate({ registration_open })}
          label={texts.open}
          hint={texts.openHint}
        />
      )}
    </Section>
  )
}

function UserRow({ user }: { user: User }) {
  const queries = useQueryClient()
  const change = useCall(
    (client, given: { role?: Role; is_active?: boolean }) => client.users.change({ id: user.id, ...given }),
    (changed) =>
      queries.setQueryData<User[]>(keys.users, (all) => all?.map((one) => (one.id === changed.id ? changed : one))),
  )
  return (
    <tr>
      <Td>
        {user.display_name} <span className="text-ink-3">{user.email}</span>
      </Td>
      <Td>
        <Select
          aria-label={texts.roleOf(user.display_name)}
          className="w-28"
          value={user.role}
          options={ROLES}
          disabled={change.isBusy}
          onChange={(role) => change.run({ role })}
        />
      </Td>
      <Td className="figures whitespace-nowrap">
        {user.last_login_at === null ? texts.never : exactTime(user.last_login_at)}
      </Td>
      <Td>
        <input
          type="checkbox"
          aria-label={texts.activeOf(user.display_name)}
          checked={user.is_active}
          disabled={change.isBusy}
          onChange={(event) => change.run({ is_active: event.target.checked })}
        />
      </Td>
    </tr>
  )
}

function InviteSection() {
  const queries = useQueryClient()
  const invites = useInvites()
  const [role, setRole] = useState<Role>('operator')
  const [code, setCode] = useState<string | null>(null)
  const refresh = () => {
    void queries.invalidateQueries({ queryKey: keys.invites })
    void queries.invalidateQueries({ queryKey: keys.audit })
  }
  const make = useCall(
    (client, given: Role) => client.users.invite({ role: given }),
    (made) => {
      setCode(made.code)
      refresh()
    },
  )
  const withdraw = useCall((client, id: string) => client.users.removeInvite({ id }), refresh)
  return (
    <Section title={texts.invitations} hint={texts.invitationsHint}>
      <div className="flex gap-2">
        <Select aria-label={texts.inviteRole} value={role} options={ROLES} onChange={setRole} />
        <Button busy={make.isBusy} onClick={() => make.run(role)}>
          {texts.invite}
        </Button>
      </div>
      {code !== null && <ShownOnce label={texts.code} secret={code} />}
      {invites.error !== null && <FaultNote error={invites.error} retry={() => void invites.refetch()} />}
      {invites.data !== undefined && invites.data.length > 0 && (
        <ul className="divide-y rounded border bg-surface">
          {invites.data.map((invite) => (
            <li key={invite.id} className="flex items-center justify-between px-4 py-2">
              <span>{texts.inviteLine(texts.roles[invite.role], invite.expires_at)}</span>
              <Button small busy={withdraw.isBusy} onClick={() => withdraw.run(invite.id)}>
                {texts.withdraw}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}

function AuditSection() {
  const audit = useAudit()
  const users = useUsers()
  const { actors, columns } = auditTexts
  const nameOf = (actor: string) =>
    Object.entries(actors).find(([id]) => id === actor)?.[1] ??
    users.data?.find(({ id }) => id === actor)?.display_name ??
    actor
  return (
    <Section title={auditTexts.title} hint={auditTexts.hint}>
      {audit.error !== null ? (
        <FaultNote error={audit.error} retry={() => void audit.refetch()} />
      ) : audit.data === undefined ? (
        <SkeletonRows />
      ) : audit.data.length === 0 ? (
        <p className="text-ink-2">{auditTexts.empty}</p>
      ) : (
        <div className="max-h-96 overflow-auto">
          <Table aria-label={auditTexts.title}>
            <thead>
              <tr>
                <Th>{columns.at}</Th>
                <Th>{columns.actor}</Th>
                <Th>{columns.action}</Th>
                <Th className="w-full">{columns.subject}</Th>
              </tr>
            </thead>
            <tbody>
              {audit.data.map((entry) => (
                <tr key={entry.id}>
                  <Td className="figures whitespace-nowrap">{exactTime(entry.at)}</Td>
                  <Td className="whitespace-nowrap">{nameOf(entry.actor)}</Td>
                  <Td className="font-mono text-xs whitespace-nowrap">{entry.action}</Td>
                  <Td className="max-w-80 truncate" title={JSON.stringify(entry.details)}>
                    {entry.subject}
                  </Td>
                </tr>
              ))}
            </tbody>
          </Table>
        </div>
      )}
    </Section>
  )
}
