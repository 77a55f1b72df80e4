import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import {
  type McpOffer,
  type McpServer,
  type McpServers,
  type McpSetup,
  mcpServerName,
  mcpSetup,
} from '#contract/mcp.ts'
import type { Client } from '../client/client.ts'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { Button } from '../parts/button.tsx'
import { Chip } from '../parts/chip.tsx'
import { Field, TextArea, TextField } from '../parts/field.tsx'
import { FaultNote } from '../parts/notes.tsx'
import { visible } from '../texts/visible.ts'
import { mcpTexts as texts } from './mcp-texts.ts'
import { useCall } from './use-call.ts'

/** The servers of tools that a project's work may use, with what trusting one would do (T7). */
export function McpServerList({ projectId }: { projectId: string }) {
  const client = useClient()
  const servers = useQuery({ queryKey: keys.mcp(projectId), queryFn: () => client.mcp.list({ id: projectId }) })
  if (servers.error !== null) return <FaultNote error={servers.error} retry={() => void servers.refetch()} />
  if (servers.data === undefined) return null
  const { items, offers } = servers.data
  return (
    <section aria-label={texts.title} className="mt-4 flex flex-col gap-3">
      <h3 className="text-sm font-semibold">{texts.title}</h3>
      <p className="text-xs text-ink-3">{texts.hint}</p>
      {items.map((server) => (
        <Server key={server.name} projectId={projectId} server={server} />
      ))}
      {offers.map((offer) => (
        <Offer key={offer.name} projectId={projectId} offer={offer} />
      ))}
      <AddServer projectId={projectId} />
    </section>
  )
}

function useServers<Input>(
  projectId: string,
  call: (client: Client, input: Input) => Promise<McpServers>,
  onDone?: () => void,
) {
  const queries = useQueryClient()
  return useCall(call, (servers: McpServers) => {
    queries.setQueryData(keys.mcp(projectId), servers)
    onDone?.()
  })
}

function Server({ projectId: id, server }: { projectId: string; server: McpServer }) {
  const { name, state, does, detail, hash, tools, left_out } = server
  const approve = useServers(id, (client) => client.mcp.approve({ id, name, hash }))
  const remove = useServers(id, (client) => client.mcp.remove({ id, name }))
  return (
    <article aria-label={texts.server(name)} className="flex flex-col gap-2 rounded border p-3">
      <div className="flex items-center gap-2">
        <span className="font-mono font-medium">{name}</span>
        <Chip>{texts.states[state]}</Chip>
      </div>
      <p className="whitespace-pre-wrap font-mono text-xs [overflow-wrap:anywhere]">{visible(does)}</p>
      {detail !== '' && <p className="text-xs text-ink-2">{visible(detail)}</p>}
      {tools.length > 0 && (
        <details>
          <summary className="text-xs text-ink-2">{texts.tools(tools.length)}</summary>
          <ul className="mt-1 flex max-h-48 flex-col gap-1 overflow-auto text-xs">
            {tools.map((tool) => (
              <li key={tool.name}>
                <span className="font-mono">{tool.name}</span> <span className="text-ink-3">{tool.risk}</span>{' '}
                <span className="text-ink-2">{visible(tool.description)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
      {left_out.map(({ name: left, why }) => (
        <p key={left} className="text-xs text-ink-3">
          {visible(`${left}: ${why}`)}
        </p>
      ))}
      <div className="flex justify-end gap-2">
        <Button busy={remove.isBusy} onClick={() => remove.run(undefined)}>
          {texts.remove}
        </Button>
        {state !== 'trusted' && (
          <Button variant="primary" busy={approve.isBusy} onClick={() => approve.run(undefined)}>
            {texts.trust}
          </Button>
        )}
      </div>
    </article>
  )
}

function Offer({ projectId: id, offer }: { projectId: string; offer: McpOffer }) {
  const { name, config, problem } = offer
  const take = useServers(id, (client, setup: McpSetup) => client.mcp.put({ id, name, setup }))
  return (
    <article
      aria-label={texts.offer(name)}
      className="flex items-center justify-between gap-2 rounded border border-dashed p-3"
    >
      <div className="min-w-0 text-xs">
        <p className="text-ink-2">{visible(texts.offer(name))}</p>
        <p className="font-mono [overflow-wrap:anywhere]">
          {visible(config === null ? problem : JSON.stringify(config))}
        </p>
      </div>
      {config !== null && problem === '' && (
        <Button busy={take.isBusy} onClick={() => take.run(mcpSetup.parse({ config }))}>
          {texts.take}
        </Button>
      )}
    </article>
  )
}

const SAMPLE =
  '{\n  "config": { "command": "npx", "args": ["-y", "a-server"], "env": {} },\n  "hosts": ["registry.npmjs.org"]\n}'

function AddServer({ projectId: id }: { projectId: string }) {
  const [name, setName] = useState('')
  const [text, setText] = useState('')
  const put = useServers(
    id,
    (client, setup: McpSetup) => client.mcp.put({ id, name, setup }),
    () => {
      setName('')
      setText('')
    },
  )
  const setup = readSetup(text)
  return (
    <form
      aria-label={texts.add}
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        if (setup !== null && mcpServerName.safeParse(name).success) put.run(setup)
      }}
    >
      <TextField
        label={texts.name}
        value={name}
        error={name === '' || mcpServerName.safeParse(name).success ? null : texts.wrongName}
        onChange={(event) => setName(event.target.value)}
      />
      <Field label={texts.setup} hint={texts.setupHint} error={text === '' || setup !== null ? null : texts.wrongSetup}>
        {(ids) => (
          <TextArea
            {...ids}
            rows={4}
            className="font-mono"
            placeholder={SAMPLE}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      <div className="flex justify-end">
        <Button type="submit" busy={put.isBusy} disabled={setup === null || !mcpServerName.safeParse(name).success}>
          {texts.add}
        </Button>
      </div>
    </form>
  )
}

/** A whole setup, or a server as `mcpServers` has it. */
function readSetup(text: string): McpSetup | null {
  try {
    const given: unknown = JSON.parse(text)
    const found = [given, { config: given }].map((each) => mcpSetup.safeParse(each)).find((each) => each.success)
    return found?.data ?? null
  } catch {
    return null
  }
}
