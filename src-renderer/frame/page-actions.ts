/** Something that can be done on the page, by the name of its button. */
export interface PageAction {
  readonly name: string
  run(): void
}

/** What is one of many alike is reached in its list, not by its name. */
const OF_A_LIST = 'li, table, [role="table"], [role="grid"], .react-flow'
const MOST = 30

/** The buttons of the page in front of one, so that each of them is found in the palette without being named there. */
export function pageActions(): PageAction[] {
  const actions = new Map<string, PageAction>()
  for (const button of document.querySelectorAll<HTMLElement>('#page button')) {
    if (button.matches(':disabled') || button.closest(OF_A_LIST) !== null || !button.checkVisibility()) continue
    const name = (button.getAttribute('aria-label') ?? button.textContent).trim()
    if (name !== '' && !actions.has(name)) actions.set(name, { name, run: () => button.click() })
    if (actions.size === MOST) break
  }
  return [...actions.values()]
}
