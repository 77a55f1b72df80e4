import { useEffect, useState } from 'react'
import { App } from './app.tsx'
import { type Connection, connectHttp, connectPort } from './client/client.ts'
import type { Login } from './client/session.ts'
import { LoginPage } from './frame/login-page.tsx'
import { Button } from './parts/button.tsx'
import { ErrorNote } from './parts/notes.tsx'
import { Progress } from './parts/progress.tsx'
import { faultTexts } from './texts/fault.ts'
import { frameTexts } from './texts/frame.ts'

type Stage =
  | { at: 'connecting' }
  | { at: 'no-port' }
  | { at: 'login'; ended: boolean }
  | { at: 'open'; connection: Connection }

/** Finds the way to Baton, then shows the application: the desktop's port where one comes, else a login. */
export function Start({ port, login }: { port: Promise<MessagePort | null> | null; login: Login | null }) {
  const [stage, setStage] = useState<Stage>(() => (port === null ? httpStage(login) : { at: 'connecting' }))
  function httpStage(given: Login | null): Stage {
    if (given === null) return { at: 'login', ended: false }
    const connection = connectHttp(given, () => {
      void given.end().catch(() => undefined)
      setStage({ at: 'login', ended: true })
    })
    return { at: 'open', connection }
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
      return <LoginPage ended={stage.ended} onLogin={(given) => setStage(httpStage(given))} />
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

/** A port can be used once: drawing twice (as React does while developing) must not make two clients of it. */
const connections = new WeakMap<MessagePort, Connection>()

function portConnection(port: MessagePort): Connection {
  const connection = connections.get(port) ?? connectPort(port)
  connections.set(port, connection)
  return connection
}
