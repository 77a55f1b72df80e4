/**
 * The whole of what passes between the desktop's shell and its window, beside the contract itself: the preload asks on
 * `ASK_FOR_PORT`, the shell answers on `PORT_GIVEN` with a message port that carries the contract, and the preload
 * posts that port to the page as `PORT_MESSAGE`.
 */
export const ASK_FOR_PORT = 'baton:ask-for-port'
export const PORT_GIVEN = 'baton:port-given'
export const PORT_MESSAGE = { type: 'baton:port' } as const
