import { expect, type Page } from '@playwright/test'
import type { Furnished } from './furnished.ts'

/** A screen of the window, and what is done to have it in front of one. */
export interface Screen {
  readonly name: string
  /** The part of the address after `#`. */
  path(baton: Furnished): string
  /** What is done there then. */
  act?(page: Page): Promise<void>
}

const SECTIONS = ['limits', 'models', 'routes', 'work', 'backups', 'look', 'people', 'webhooks', 'account']
const VIEWS = ['Result', 'Graph', 'Board', 'Timeline', 'Files']
const TABS = ['Overview', 'Context', 'Steps', 'Output', 'Files', 'Attempts']
const plan = (baton: Furnished) => `/projects/${baton.proposed}/plan`

function press(role: 'button' | 'radio' | 'tab', name: string) {
  return (page: Page) => page.getByRole(role, { name, exact: true }).first().click()
}

/** Opens what a line of the first run says is to be done. */
async function openFixes(page: Page): Promise<void> {
  for (const name of ['Connect: Ollama', 'Add a key: Key of a cloud provider']) {
    await page.getByRole('button', { name }).click()
  }
}

async function chooseAll(page: Page): Promise<void> {
  await press('radio', 'Table')(page)
  await page.getByRole('checkbox', { name: 'Choose all tasks' }).check()
}

/** Every screen of the window. Each comes with the questions that it asks above it. */
export const SCREENS: readonly Screen[] = [
  { name: 'first run', path: () => '/first-run' },
  { name: 'first run, what to do', path: () => '/first-run', act: openFixes },
  { name: 'inbox', path: () => '/inbox' },
  { name: 'projects', path: () => '/projects' },
  { name: 'new project', path: () => '/projects/new' },
  { name: 'plan as table', path: plan, act: press('radio', 'Table') },
  { name: 'plan as graph', path: plan, act: press('radio', 'Graph') },
  { name: 'plan as JSON', path: plan, act: press('radio', 'JSON') },
  { name: 'plan with all tasks chosen', path: plan, act: chooseAll },
  { name: 'versions of a plan', path: plan, act: press('button', 'Version 2') },
  { name: 'project at rest', path: ({ held }) => `/projects/${held}` },
  { name: 'project without a model', path: ({ stuck }) => `/projects/${stuck}` },
  ...VIEWS.map((view) => ({
    name: `project, ${view.toLowerCase()}`,
    path: ({ done }: Furnished) => `/projects/${done}`,
    act: press('radio', view),
  })),
  ...TABS.map((tab) => ({
    name: `task, ${tab.toLowerCase()}`,
    path: ({ done, doneTask }: Furnished) => `/projects/${done}/tasks/${doneTask}`,
    act: press('tab', tab),
  })),
  { name: 'open task', path: ({ held, heldTask }) => `/projects/${held}/tasks/${heldTask}` },
  { name: 'prompts', path: () => '/prompts' },
  { name: 'jobs', path: () => '/jobs' },
  { name: 'knowledge', path: () => '/knowledge' },
  { name: 'usage', path: () => '/usage' },
  { name: 'services', path: () => '/services' },
  ...SECTIONS.map((section) => ({ name: `settings, ${section}`, path: () => `/settings/${section}` })),
  { name: 'nowhere', path: () => '/nowhere' },
  { name: 'a project that is not there', path: () => '/projects/prj_zzzz' },
  { name: 'palette', path: () => '/projects', act: (page) => page.keyboard.press('Control+k') },
  { name: 'shortcuts', path: () => '/projects', act: (page) => page.keyboard.press('?') },
  { name: 'access dialog', path: ({ done }) => `/projects/${done}`, act: press('button', 'Access') },
  { name: 'export dialog', path: ({ done }) => `/projects/${done}`, act: press('button', 'Export') },
  { name: 'cancel dialog', path: ({ held }) => `/projects/${held}`, act: press('button', 'Cancel') },
]

/** Opens a screen and waits until nothing of it is missing any more. */
export async function openScreen(page: Page, baton: Furnished, screen: Screen): Promise<void> {
  await page.evaluate(() => {
    for (const dialog of document.querySelectorAll('dialog')) dialog.close()
  })
  await page.evaluate((path) => {
    location.hash = path
  }, screen.path(baton))
  await screen.act?.(page)
  await expect(page.getByRole('status', { name: 'Loading' })).toHaveCount(0)
  await expect(page.locator('main')).not.toBeEmpty()
}
