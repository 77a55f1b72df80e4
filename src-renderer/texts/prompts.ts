/** Words of the page of free prompts. */
export const promptsTexts = {
  field: 'Ask for something small',
  placeholder: 'Plan a trip to Paris for five days.',
  hint: 'Done at once, without a plan to approve: asking approves what it may cost.',
  budget: 'At most, $',
  budgetWrong: 'Write an amount such as 2 or 0.50.',
  model: 'Model',
  byRouting: 'By routing',
  ask: 'Ask',
  empty: 'Nothing was asked yet',
  emptyHint:
    'What needs no plan is asked here, with baton ask, or by scripts through POST /runs. Each has a folder and a budget of its own.',
  columns: { title: 'Asked', state: 'State', model: 'Model', cost: 'Cost', when: 'When' },
  open: (title: string) => `${title}: timeline and answer`,
} as const
