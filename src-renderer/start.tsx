import { useEffect, useState } from 'react'
import { App } from './app.tsx'
import { type Connection, connectHttp, connectPort } from './client/client.ts'
import { forgetToken, keepToken } from './client/session.ts'
import { LoginPage } from './frame/login-page.tsx'
import { Button } from './parts/button.tsx'
import { ErrorNote } from './parts/notes.tsx'
import { Progress } from './parts/progress.tsx'
import { faultTexts } from './texts/fault.ts'
import { frameTexts } from './texts/frame.ts'

type Stage =
  | { at: 'connecting' }
  | { at: 'no-port' }
  | { at: 'login'; wrong: boolean }
  | { at: 'open'; connection: Connection }

/** Finds the way to Baton, then shows the application: the desktop's port where one comes, else a token. */
export function Start({ port, token }: { port: Promise<MessagePort | null> | null; token: string | null }) {
  const [stage, setStage] = useState<Stage>(() => (port === null ? httpStage(token, setWrong) : { at: 'connecting' }))
  function setWrong() {
    forgetToken()
    setStage({ at: 'login', wrong: true })
  }
  useEffect(() => {
    let left = false
    void port?.then((given) => {
      if (!left) setStage(given === null ? { at: 'no-port' } : { at: 'open', connection: portConnection(given) })
    })
    return () => {
      left = true
    }
  }, [port])

  switch (stage.at) {
    case 'open':
      return <App connection={stage.connection} />
    case 'login':
      return (
        <LoginPage
          wrong={stage.wrong}
          onToken={(given) => {
            keepToken(given)
            setStage(httpStage(given, setWrong))
          }}
        />
      )
    case 'connecting':
      return (
        <main className="mx-auto mt-[30vh] w-64 animate-late">
          <Progress value={null} label={frameTexts.connecting} />
        </main>
      )
    case 'no-port':
      return (
        <main className="mx-auto mt-[20vh] w-[32rem] max-w-[90vw]">
          <ErrorNote
            what={frameTexts.noPort}
            why={frameTexts.noPortWhy}
            action={<Button onClick={() => location.reload()}>{faultTexts.reload}</Button>}
          />
        </main>
      )
  }
}

function httpStage(token: string | null, onUnauthorized: () => void): Stage {
  return token === null ? { at: 'login', wrong: false } : { at: 'open', connection: connectHttp(token, onUnauthorized) }
}

/** A port can be used once: drawing twice (as React does while developing) must not make two clients of it. */
const connections = new WeakMap<MessagePort, Connection>()

function portConnection(port: MessagePort): Connection {
  const connection = connections.get(port) ?? connectPort(port)
  connections.set(port, connection)
  return connection
}
