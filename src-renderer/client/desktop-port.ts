import { PORT_MESSAGE } from '#contract/desktop-port.ts'

/** Where the desktop's shell shows this page, a port arrives and no token is needed. */
export function isInDesktop(): boolean {
  return (
    location.protocol === 'app:' || location.hostname === 'baton.localhost' || navigator.userAgent.includes('Electron/')
  )
}

/** The port that the preload posts with `PORT_MESSAGE`; null where none came within `timeoutMs`. */
export function waitForPort(timeoutMs: number): Promise<MessagePort | null> {
  return new Promise((resolve) => {
    const end = (port: MessagePort | null) => {
      clearTimeout(timer)
      window.removeEventListener('message', listen)
      resolve(port)
    }
    const listen = (event: MessageEvent<unknown>) => {
      // Only this window's own preload may hand over a port: a frame or an opener may not.
      if (event.source !== window || !isPortMessage(event.data)) return
      const port = event.ports[0]
      if (port !== undefined) end(port)
    }
    const timer = setTimeout(() => end(null), timeoutMs)
    window.addEventListener('message', listen)
  })
}

function isPortMessage(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'type' in data && data.type === PORT_MESSAGE.type
}
