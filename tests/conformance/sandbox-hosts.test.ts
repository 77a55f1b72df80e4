import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { sandboxBench, whyNoSandboxHere } from '#core/sandbox/sandbox-bench.ts'
import type { Behaviour } from '../doubles/behaviour.ts'
import { anthropicDouble, asked, coreBench, must } from '../support/core-bench.ts'
import { FAR_NETWORK, NETWORK } from '../support/escape-attempts.ts'
import { escapeWorld } from '../support/escape-world.ts'
import { localServer, ownNetwork } from '../support/own-network.ts'

const absent =
  (await whyNoSandboxHere()) ??
  (['/usr/bin/socat', '/usr/bin/curl'].every((path) => existsSync(path)) ? null : 'There is no socat, or no curl.')

/**
 * A sandbox whose plan names `site.example` at a port where a server of this test answers, and some names that lead
 * elsewhere; and a sink that counts whoever connects to it, by whatever name.
 */
async function network() {
  const seen: string[] = []
  const { port } = await localServer((request, response) => {
    let body = ''
    request.on('data', (piece) => (body += piece))
    request.on('end', () => {
      seen.push(`${request.method} ${request.url} ${request.headers.host} ${body}`)
      if (request.url === '/big') response.end('x'.repeat(5_000_000))
      else response.end(`answer to ${request.url}\n`)
    })
  })
  let visitors = 0
  const sink = createServer((socket) => {
    visitors += 1
    socket.on('error', () => undefined).end('HTTP/1.1 200 OK\r\n\r\nSINK')
  })
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void sink.close())
  const address = sink.address()
  const sinkPort = typeof address === 'object' ? (address?.port ?? 0) : 0
  const names = {
    'site.example': ['127.0.0.1'],
    'evil.example': ['127.0.0.1'],
    'loop.example': ['127.0.0.1'],
    'private.example': ['10.0.0.1'],
    'mixed.example': ['127.0.0.1', '169.254.169.254'],
  }
  const hosts = [
    `site.example:${port}`,
    `loop.example:${sinkPort}`,
    'private.example',
    `mixed.example:${port}`,
    '*.wild.example',
  ]
  const bench = await sandboxBench(undefined, { hosts, door: ownNetwork(names, [port]) })
  return { ...bench, port, sinkPort, seen, visitors: () => visitors }
}
type World = Awaited<ReturnType<typeof network>>

describe('T4 hosts that the plan names', () => {
  test.for<[string, (world: World) => string, RegExp]>([
    ['curl', ({ port }) => `curl -sS http://site.example:${port}/a`, /answer to \/a/],
    ['a tunnel, as for HTTPS', ({ port }) => `curl -sS -p http://site.example:${port}/b`, /answer to \/b/],
    ['a body', ({ port }) => `curl -sS -d hello http://site.example:${port}/c`, /answer to \/c/],
    [
      'Node’s fetch',
      ({ port }) => `node -e 'fetch("http://site.example:${port}/d").then(async (a) => console.log(await a.text()))'`,
      /answer to \/d/,
    ],
    [
      'python',
      ({ port }) =>
        `/usr/bin/python3 -c 'import urllib.request as u; print(u.urlopen("http://site.example:${port}/e").read())'`,
      /answer to \/e/,
    ],
    [
      'much at once',
      ({ port }) => `for i in $(seq 12); do curl -sS http://site.example:${port}/big & done | wc -c; wait`,
      /^60000000$/m,
    ],
  ])('T4 are reached by %s', async ([, command, wanted], { skip }) => {
    skip(absent !== null, absent ?? '')
    const world = await network()
    const line = command(world)
    skip(line.startsWith('/usr/bin/python3') && !existsSync('/usr/bin/python3'), 'There is no /usr/bin/python3.')
    const ended = await world.run(line, { time_ms: 60_000 })
    expect(ended.output).toMatch(wanted)
    expect(ended.network?.reached).toEqual([`site.example:${world.port}`])
    expect(world.seen.every((request) => request.includes(`site.example:${world.port}`))).toBe(true)
  })

  const raw = (line: string): string => `exec 5<>/dev/tcp/127.0.0.1/33128; printf '${line}' >&5; timeout 2 cat <&5`
  const ATTEMPTS: Readonly<Record<string, (world: World) => string>> = {
    'another host': ({ sinkPort }) => `curl -s http://evil.example:${sinkPort}/`,
    'another host by a tunnel': ({ sinkPort }) => `curl -s -p http://evil.example:${sinkPort}/`,
    'a named host that leads to this machine': ({ sinkPort }) => `curl -s http://loop.example:${sinkPort}/`,
    'the same by a tunnel': ({ sinkPort }) => `curl -s -p http://loop.example:${sinkPort}/`,
    'a named host at another port': ({ sinkPort }) => `curl -s http://site.example:${sinkPort}/`,
    'a named host at another port by a tunnel': ({ sinkPort }) => `curl -s -p http://site.example:${sinkPort}/`,
    'a named host that leads to a private network': () => 'curl -s -m 5 http://private.example/',
    'a named host that leads to two places': ({ port }) => `curl -s http://mixed.example:${port}/`,
    'this machine through the proxy': ({ sinkPort }) => `curl -s --noproxy '' http://127.0.0.1:${sinkPort}/`,
    'this machine by name through the proxy': ({ sinkPort }) => `curl -s --noproxy '' http://localhost:${sinkPort}/`,
    'this machine by a tunnel': ({ sinkPort }) => `curl -s -p --noproxy '' http://127.0.0.1:${sinkPort}/`,
    'this machine as a number': ({ sinkPort }) => `curl -s -p --noproxy '' http://2130706433:${sinkPort}/`,
    'this machine in hex': ({ sinkPort }) => raw(`CONNECT 0x7f.1:${sinkPort} HTTP/1.1\\r\\nhost: a\\r\\n\\r\\n`),
    'this machine in octal': ({ sinkPort }) => raw(`CONNECT 0177.0.0.1:${sinkPort} HTTP/1.1\\r\\nhost: a\\r\\n\\r\\n`),
    'this machine as IPv6': ({ sinkPort }) => raw(`CONNECT [::1]:${sinkPort} HTTP/1.1\\r\\nhost: a\\r\\n\\r\\n`),
    'this machine as IPv4 inside of IPv6': ({ sinkPort }) =>
      raw(`CONNECT [::ffff:127.0.0.1]:${sinkPort} HTTP/1.1\\r\\nhost: a\\r\\n\\r\\n`),
    'any address': ({ sinkPort }) => raw(`CONNECT 0.0.0.0:${sinkPort} HTTP/1.1\\r\\nhost: a\\r\\n\\r\\n`),
    'a name with another behind it': ({ port, sinkPort }) =>
      raw(`CONNECT site.example:${port}@127.0.0.1:${sinkPort} HTTP/1.1\\r\\nhost: a\\r\\n\\r\\n`),
    'a name as a login': ({ sinkPort }) =>
      raw(`GET http://site.example@127.0.0.1:${sinkPort}/ HTTP/1.1\\r\\nhost: site.example\\r\\n\\r\\n`),
    'another host in the header of a named one': ({ sinkPort }) =>
      raw(`GET http://127.0.0.1:${sinkPort}/ HTTP/1.1\\r\\nhost: site.example\\r\\n\\r\\n`),
    'a second request behind a good one': ({ port, sinkPort }) =>
      raw(
        `GET http://site.example:${port}/ HTTP/1.1\\r\\nhost: a\\r\\n\\r\\nGET http://127.0.0.1:${sinkPort}/ HTTP/1.1\\r\\nhost: a\\r\\n\\r\\n`,
      ),
    'a path without a host': ({ sinkPort }) => raw(`GET / HTTP/1.1\\r\\nhost: 127.0.0.1:${sinkPort}\\r\\n\\r\\n`),
    'a file': () => raw('GET file:///etc/shadow HTTP/1.1\\r\\nhost: a\\r\\n\\r\\n'),
    'another proxy protocol': ({ sinkPort }) =>
      `curl -s -m 3 --noproxy '' -x socks5h://127.0.0.1:33128 http://127.0.0.1:${sinkPort}/`,
    'the proxy’s socket itself': ({ sinkPort }) =>
      `curl -s --unix-socket /run/baton/proxy --noproxy '*' http://evil.example:${sinkPort}/; curl -s --unix-socket /run/baton/proxy -p -x http://x/ http://127.0.0.1:${sinkPort}/`,
    'past the proxy by bash': ({ sinkPort }) => `timeout 2 bash -c 'echo x > /dev/tcp/127.0.0.1/${sinkPort}'`,
    'past the proxy by curl': ({ sinkPort }) => `curl -s --noproxy '*' http://127.0.0.1:${sinkPort}/`,
    'past the proxy by node': ({ sinkPort }) =>
      `node -e 'require("net").connect(${sinkPort}, "127.0.0.1").on("error", () => {})'`,
    'the metadata of a cloud': () => `curl -s -m 5 --noproxy '' http://169.254.169.254/latest/meta-data/`,
    'the metadata by a tunnel': () => `curl -s -m 5 -p --noproxy '' http://169.254.169.254/latest/meta-data/`,
    'the metadata by name': () => 'curl -s -m 5 http://metadata.google.internal/',
    'a mail server of a named host': () => raw('CONNECT a.wild.example:25 HTTP/1.1\\r\\nhost: a\\r\\n\\r\\n'),
    'the name above a pattern': () => 'curl -s -m 5 http://wild.example/',
    'a name server': () => 'timeout 3 getent hosts site.example',
    'a name server by node': () =>
      `node -e 'require("dns").resolve("site.example", (e, a) => a && console.log("SINK"))'`,
    'the socket of the proxy put away': () =>
      'rm -f /run/baton/proxy && ln -s /etc/passwd /run/baton/proxy && echo SINK',
  }
  test.for(Object.entries(ATTEMPTS))('T4 do not open the way to %s', async ([, command], { skip }) => {
    skip(absent !== null, absent ?? '')
    const world = await network()
    const ended = await world.run(`${command(world)} 2>&1`, { time_ms: 20_000 })
    expect({ visitors: world.visitors(), output: ended.output }).toEqual({
      visitors: 0,
      output: expect.not.stringMatching(/SINK|root:|HTTP\/1.1 200 Connection/),
    })
    expect(ended.network?.reached.every((host) => host === `site.example:${world.port}`)).toBe(true)
  })

  test('T4 the sink of these attempts is reached without the sandbox', async ({ skip }) => {
    skip(absent !== null, absent ?? '')
    const world = await network()
    await fetch(`http://127.0.0.1:${world.sinkPort}/`)
    expect(world.visitors()).toBe(1)
  })

  const others = [...NETWORK, ...FAR_NETWORK].filter(({ what }) => what !== 'make a Unix socket')
  test.for(others.map((attempt) => [attempt.what, attempt] as const))(
    'T4 do not open the way to anything else: %s',
    async ([, { command }], { skip }) => {
      skip(absent !== null, absent ?? '')
      const world = await escapeWorld(['example.com'])
      const line = command(world)
      skip(
        line.startsWith('python3') && !existsSync('/usr/bin/python3'),
        'There is no /usr/bin/python3 to try it with.',
      )
      const ended = await world.run(line, { time_ms: 20_000 })
      expect(world.breaches(ended.output)).toEqual([])
    },
  )
})

function calls(name: string, given: Record<string, unknown>): Behaviour {
  return { kind: 'answer', text: '', tool_calls: [{ name, arguments: given }] }
}
const DONE: Behaviour = { kind: 'answer', text: 'Done.' }

test('T4 a command of a task reaches the hosts of its plan, not those of the project, and the model hears of others', async ({
  skip,
}) => {
  skip(absent !== null, absent ?? '')
  const { port } = await localServer((_, response) => response.end('Owls hoot.\n'))
  const line = `curl -sS http://site.example:${port}/ > note.md; curl -s http://other.example:${port}/ >> note.md; true`
  const anthropic = await anthropicDouble({ queue: [calls('run_command', { command: line }), DONE], default: DONE })
  const door = ownNetwork({ 'site.example': ['127.0.0.1'], 'other.example': ['127.0.0.1'] }, [port])
  const made = await coreBench({ anthropic, git: true, network: door })
  must(await made.core.settings.change({ command_policy: 'allow' }))
  const { id } = await made.start([{ key: 'note', tools: ['run_command'], hosts: [`site.example:${port}`] }], {
    allowed_hosts: [`other.example:${port}`],
  })
  await made.reaches(id, 'succeeded')
  expect(JSON.stringify(asked(anthropic).map(({ body }) => body))).toMatch(
    /other\.example:\d+ was not reached, because the plan does not name it/,
  )
  const artifact = must(await made.core.projects.artifact(id, 'note.md'))
  expect(artifact.text).toBe('Owls hoot.\nThe plan does not name this host.\n')
})
