import { useState } from 'react'
import { useConnection } from '../client/connection.tsx'
import { useMe } from '../client/queries.ts'
import { Button } from '../parts/button.tsx'
import { TextField } from '../parts/field.tsx'
import { FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { Section } from '../parts/page.tsx'
import { toastDone } from '../parts/toast.tsx'
import { useCall } from '../project/use-call.ts'
import { accountTexts as texts } from '../texts/people.ts'

/** Who one is here, and how to leave. */
export function AccountSettings() {
  const connection = useConnection()
  const me = useMe()
  const leave = async () => {
    if (connection.kind !== 'http') return
    await connection.login.end()
    location.reload()
  }
  if (me.error !== null) return <FaultNote error={me.error} retry={() => void me.refetch()} />
  if (me.data === undefined) return <SkeletonRows rows={2} />
  const { user } = me.data
  return (
    <div className="flex flex-col gap-10">
      <Section title={texts.title}>
        <p>{user === null ? texts.owner : texts.user(user.display_name, user.email, user.role)}</p>
        {connection.kind === 'http' && (
          <div>
            <Button onClick={() => void leave()}>{texts.signOut}</Button>
          </div>
        )}
      </Section>
      {user !== null && <PasswordForm />}
    </div>
  )
}

function PasswordForm() {
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const change = useCall(
    (client, given: { current_password: string; new_password: string }) => client.auth.changePassword(given),
    () => {
      toastDone(texts.changed)
      location.reload()
    },
  )
  return (
    <Section title={texts.password} hint={texts.passwordHint}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          change.run({ current_password: current, new_password: next })
        }}
        className="flex max-w-xl items-start gap-2"
      >
        <TextField
          label={texts.current}
          type="password"
          autoComplete="current-password"
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
        />
        <TextField
          label={texts.next}
          type="password"
          autoComplete="new-password"
          value={next}
          onChange={(event) => setNext(event.target.value)}
        />
        <Button type="submit" className="mt-5" busy={change.isBusy} disabled={current === '' || next.length < 10}>
          {texts.change}
        </Button>
      </form>
    </Section>
  )
}
