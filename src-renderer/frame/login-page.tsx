import { useState } from 'react'
import { Button } from '../parts/button.tsx'
import { TextField } from '../parts/field.tsx'
import { loginTexts } from '../texts/frame.ts'
import { Wordmark } from './wordmark.tsx'

/** Asks for the access token where the page was opened without one (U7). */
export function LoginPage({ wrong, onToken }: { wrong: boolean; onToken: (token: string) => void }) {
  const [token, setToken] = useState('')
  return (
    <main className="flex h-full items-center justify-center p-6">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (token.trim() !== '') onToken(token.trim())
        }}
        className="flex w-[26rem] max-w-full flex-col gap-4 rounded border bg-surface p-6"
      >
        <Wordmark />
        <h1 className="text-xl font-semibold">{loginTexts.title}</h1>
        <p className="text-ink-2">{loginTexts.intro}</p>
        <TextField
          label={loginTexts.field}
          type="password"
          name="token"
          autoFocus
          value={token}
          onChange={(event) => setToken(event.target.value)}
          error={wrong && token === '' ? loginTexts.wrong : null}
        />
        <Button type="submit" variant="primary" disabled={token.trim() === ''}>
          {loginTexts.button}
        </Button>
        <div className="border-t pt-3 text-xs text-ink-3">
          <p>{loginTexts.where}</p>
          <code className="mt-1 block rounded bg-sunk px-2 py-1 font-mono select-all">{loginTexts.whereCommand}</code>
        </div>
      </form>
    </main>
  )
}
