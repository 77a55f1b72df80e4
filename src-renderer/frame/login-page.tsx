import { type ReactNode, useState } from 'react'
import type { Result } from '#contract/result.ts'
import { apiBase } from '../client/address.ts'
import { logIn, logInByToken, register } from '../client/log-in.ts'
import type { Login } from '../client/session.ts'
import { Button } from '../parts/button.tsx'
import { TextField } from '../parts/field.tsx'
import { ViewSwitch } from '../parts/tabs.tsx'
import { loginTexts as texts } from '../texts/frame.ts'
import { Wordmark } from './wordmark.tsx'

type Way = keyof typeof texts.ways
/** The way that was chosen last in this browser. */
const WAY_KEY = 'baton.way'
const WAYS = Object.keys(texts.ways) as Way[]

/** Asks who comes, where the page was opened without a login (U7): a user, the owner of the machine, or somebody invited. */
export function LoginPage({ ended, onLogin }: { ended: boolean; onLogin: (login: Login) => void }) {
  const [way, setWay] = useState<Way>(() => WAYS.find((name) => name === localStorage.getItem(WAY_KEY)) ?? 'token')
  function choose(next: Way) {
    localStorage.setItem(WAY_KEY, next)
    setWay(next)
  }
  const form = { onLogin, ended }
  return (
    <main className="flex h-full items-center justify-center p-6">
      <div className="flex w-[26rem] max-w-full flex-col gap-4 rounded border bg-surface p-6">
        <Wordmark />
        <h1 className="text-xl font-semibold">{texts.title}</h1>
        <p className="text-ink-2">{texts.intro}</p>
        <ViewSwitch
          label={texts.title}
          views={WAYS.map((value) => ({ value, label: texts.ways[value] }))}
          value={way}
          onChange={choose}
        />
        {way === 'user' ? (
          <UserForm {...form} />
        ) : way === 'token' ? (
          <TokenForm {...form} />
        ) : (
          <RegisterForm {...form} />
        )}
      </div>
    </main>
  )
}

interface FormProps {
  readonly ended: boolean
  onLogin(login: Login): void
}

/** A form that tries to log in and tells why it could not. */
function LoginForm({
  ended,
  onLogin,
  submit,
  button,
  ready,
  children,
}: FormProps & {
  submit: () => Promise<Result<Login, string>>
  button: string
  ready: boolean
  children: (error: string | null) => ReactNode
}) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(ended ? texts.ended : null)
  async function tryIt() {
    setBusy(true)
    setError(null)
    const tried = await submit()
    setBusy(false)
    if (tried.ok) onLogin(tried.value)
    else setError(tried.error)
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) void tryIt()
      }}
      className="flex flex-col gap-3"
    >
      {children(error)}
      <Button type="submit" variant="primary" busy={busy} disabled={!ready}>
        {button}
      </Button>
    </form>
  )
}

function UserForm(props: FormProps) {
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  return (
    <LoginForm
      {...props}
      button={texts.button}
      ready={email !== '' && password !== ''}
      submit={() => logIn(apiBase(), email.trim(), password)}
    >
      {(error) => (
        <>
          <TextField
            label={texts.email}
            type="email"
            name="email"
            autoComplete="username"
            autoFocus
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
          <TextField
            label={texts.password}
            type="password"
            name="password"
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            error={error}
          />
        </>
      )}
    </LoginForm>
  )
}

function TokenForm(props: FormProps) {
  const [token, setToken] = useState('')
  return (
    <>
      <LoginForm
        {...props}
        button={texts.button}
        ready={token.trim() !== ''}
        submit={() => logInByToken(apiBase(), token.trim())}
      >
        {(error) => (
          <TextField
            label={texts.field}
            type="password"
            name="token"
            autoFocus
            value={token}
            onChange={(event) => setToken(event.target.value)}
            error={error}
          />
        )}
      </LoginForm>
      <div className="border-t pt-3 text-xs text-ink-3">
        <p>{texts.where}</p>
        <code className="mt-1 block rounded bg-sunk px-2 py-1 font-mono select-all">{texts.whereCommand}</code>
      </div>
    </>
  )
}

function RegisterForm(props: FormProps) {
  const [given, setGiven] = useState({ email: '', password: '', display_name: '', invite: '' })
  const field = (name: keyof typeof given) => ({
    name,
    value: given[name],
    onChange: (event: { target: { value: string } }) => setGiven({ ...given, [name]: event.target.value }),
  })
  return (
    <LoginForm
      {...props}
      button={texts.register}
      ready={Object.values(given).every((text) => text !== '') && given.password.length >= 10}
      submit={() => register(apiBase(), { ...given, email: given.email.trim(), invite: given.invite.trim() })}
    >
      {(error) => (
        <>
          <TextField label={texts.invite} hint={texts.inviteHint} autoFocus type="password" {...field('invite')} />
          <TextField label={texts.name} autoComplete="name" {...field('display_name')} />
          <TextField label={texts.email} type="email" autoComplete="username" {...field('email')} />
          <TextField
            label={texts.newPassword}
            hint={texts.newPasswordHint}
            type="password"
            autoComplete="new-password"
            error={error}
            {...field('password')}
          />
        </>
      )}
    </LoginForm>
  )
}
