import { readHash } from './client/address.ts'
import { askAhead } from './client/ask-ahead.ts'
import { isInDesktop, waitForPort } from './client/desktop-port.ts'
import { loadPage } from './pages.ts'
import { parseRoute } from './route.ts'
import './styles/tokens.css'

/*
 * As little code as sets everything on its way: what the page shows is asked for while the window's code and the page's come
 * side by side.
 */

// Listens before anything is drawn: the preload may post the port at any moment from now on.
const port = isInDesktop() ? waitForPort(15_000) : null
if (port === null) askAhead()
void import('./window.tsx').then(({ openWindow }) => openWindow(port))
loadPage(parseRoute(readHash(location.hash).place))
