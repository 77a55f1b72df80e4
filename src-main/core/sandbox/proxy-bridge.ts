/** Where programs in the sandbox find the proxy, and where the proxy's socket lies there. */
const PORT = 33_128
const SOCKET = '/run/baton/proxy'

/** Arguments of bubblewrap that put the proxy's socket into the sandbox, and tell programs of it. */
export function proxyArguments(socket: string): string[] {
  const proxy = `http://127.0.0.1:${PORT}`
  const variables = {
    ...{ HTTP_PROXY: proxy, HTTPS_PROXY: proxy, http_proxy: proxy, https_proxy: proxy },
    ...{ NO_PROXY: 'localhost,127.0.0.1,::1', no_proxy: 'localhost,127.0.0.1,::1' },
    // Node's own fetch looks at them only where it is told to.
    NODE_USE_ENV_PROXY: '1',
  }
  return [
    ...['--bind', socket, SOCKET],
    ...Object.entries(variables).flatMap(([name, value]) => ['--setenv', name, value]),
  ]
}

/**
 * A line for the shell that starts the bridge from the port to the socket and waits until it listens (`/proc/net/tcp` tells:
 * 0A is LISTEN). Orphaned at once, so that the command waits for no child that it does not know.
 */
export const START_BRIDGE = `(socat TCP-LISTEN:${PORT},bind=127.0.0.1,fork,max-children=100 UNIX-CONNECT:${SOCKET} </dev/null >/dev/null 2>&1 &)
i=0; while [ $i -lt 200 ] && ! grep -q ":${PORT.toString(16).toUpperCase()} 00000000:0000 0A" /proc/net/tcp; do i=$((i+1)); sleep 0.02; done`
