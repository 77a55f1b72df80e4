/** All keys, as the help shows them. */
export const shortcutTexts = [
  {
    title: 'Everywhere',
    keys: [
      { keys: 'Ctrl K', does: 'Find a place or do something' },
      { keys: 'N', does: 'New project' },
      { keys: 'Shift T', does: 'Light or dark' },
      { keys: '?', does: 'This list' },
      { keys: 'Esc', does: 'Close what is open' },
    ],
  },
  {
    title: 'Go to',
    keys: [
      { keys: 'G I', does: 'Inbox' },
      { keys: 'G P', does: 'Projects' },
      { keys: 'G R', does: 'Prompts' },
      { keys: 'G J', does: 'Jobs' },
      { keys: 'G K', does: 'Knowledge' },
      { keys: 'G U', does: 'Usage' },
      { keys: 'G S', does: 'Services' },
      { keys: 'G E', does: 'Settings' },
    ],
  },
  {
    title: 'Inbox, on a card',
    keys: [
      { keys: '↑ ↓', does: 'Next or previous card' },
      { keys: 'A', does: 'Approve or go on' },
      { keys: 'O', does: 'Open' },
    ],
  },
  {
    title: 'New project',
    keys: [{ keys: 'Ctrl Enter', does: 'Create the project and plan it' }],
  },
  {
    title: 'Plan editor',
    keys: [
      { keys: '↑ ↓', does: 'Move between tasks' },
      { keys: 'Enter', does: 'Edit' },
      { keys: 'Tab', does: 'Make it depend on the task above' },
      { keys: 'Ctrl D', does: 'Duplicate' },
      { keys: 'Del', does: 'Remove' },
      { keys: 'Ctrl Z', does: 'Undo' },
      { keys: 'Ctrl Shift Z', does: 'Redo' },
    ],
  },
] as const
