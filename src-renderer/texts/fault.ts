/** Words for what a call may fail with. The reason itself comes from Baton. */
export const faultTexts = {
  byCode: {
    BAD_REQUEST: 'Baton refused this.',
    UNAUTHORIZED: 'You are not signed in.',
    FORBIDDEN: 'This is not allowed.',
    NOT_FOUND: 'This is not there any more.',
    CONFLICT: 'This cannot be done now.',
    PAYMENT_REQUIRED: 'The budget does not allow this.',
    TOO_LARGE: 'This is too large.',
    UNAVAILABLE: 'Something needed is not available.',
    INTERNAL: 'Baton failed while doing this.',
    INTERNAL_SERVER_ERROR: 'Baton failed while doing this.',
  } as Readonly<Record<string, string>>,
  refused: 'Baton refused this.',
  unreachable: 'Baton does not answer.',
  unreachableWhy: 'It may have stopped, or the connection to it broke. Start it again, then try once more.',
  unexpected: 'Something unexpected happened.',
  retry: 'Try again',
  reference: (id: string) => `Reference ${id}`,
  crashed: 'This page failed to draw itself.',
  reload: 'Reload the page',
} as const
