/** Words of the page of jobs. */
export const jobsTexts = {
  hint: 'Work that other programs hand over. A job for "baton" is done here; any other waits for a worker of its core.',
  empty: 'No job was dispatched yet',
  emptyHint:
    'Programs hand work over with POST /dispatch. A job for the core "baton" is carried out here, like a prompt; workers elsewhere take those of every other core.',
  columns: { job: 'Job', core: 'Core', state: 'State', worker: 'Worker', since: 'Since', do: '' },
  look: (id: string) => `${id}: what came of it`,
  cancel: 'Cancel',
  cancelOf: (id: string) => `Cancel ${id}`,
  attempt: (attempts: number, most: number) => `attempt ${attempts} of ${most}`,
  asked: 'Asked',
  metadata: 'Handed along',
  result: 'Result',
  noResult: 'Nothing was handed back.',
  notYet: 'There is none yet.',
  openWork: 'Open the work',
  close: 'Close',
} as const
