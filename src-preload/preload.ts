/** Hands a message port to the page. Nothing else: the page gets no function of Electron's or Node's. */
import { ipcRenderer } from 'electron'
import { ASK_FOR_PORT, PORT_GIVEN, PORT_MESSAGE } from '#contract/desktop-port.ts'

ipcRenderer.on(PORT_GIVEN, (event) => {
  window.postMessage(PORT_MESSAGE, location.origin, [...event.ports])
})
// By then the page's own scripts have run, so somebody listens.
window.addEventListener('DOMContentLoaded', () => ipcRenderer.send(ASK_FOR_PORT))
