import { birdPath, birdsAskedFor, monthsInWords } from './demo-birds.ts'
import { type DemoPart, OUTLINE_PATH, partsOf } from './demo-parts.ts'
import { shortLine, shortText } from './demo-text.ts'

/** A task in the form in which models write plans. */
export interface DemoTask {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly type: string
  readonly complexity: string
  readonly tier: null
  readonly tools: readonly string[]
  readonly depends_on: readonly string[]
  readonly acceptance: readonly string[]
  readonly verify_command: null
  readonly write_scope: readonly string[]
  readonly artifacts: readonly string[]
}

export interface DemoPlan {
  readonly title: string
  readonly summary: string
  readonly tasks: readonly DemoTask[]
}

const INDEX_PATHS = ['index.md', 'overview.md', 'contents.md']

/**
 * Plans any requirement from its text: an outline, the parts side by side, and an index that brings them together.
 * Always the same plan for the same text; at least four tasks and at most forty.
 */
export function demoPlan(requirements: string): DemoPlan {
  const guide = birdsAskedFor(requirements)
  return guide === null ? generalPlan(requirements) : guidePlan(requirements, guide)
}

type Given = Pick<DemoTask, 'id' | 'title' | 'description' | 'type'> & Partial<DemoTask>

function task(given: Given): DemoTask {
  const artifacts = given.artifacts ?? []
  return {
    complexity: 'simple',
    tier: null,
    tools: ['read_file', 'write_file'],
    depends_on: [],
    acceptance: artifacts.map((path) => `${path} is there and can be read`),
    verify_command: null,
    write_scope: artifacts,
    artifacts,
    ...given,
  }
}

function generalPlan(requirements: string): DemoPlan {
  const parts = partsOf(requirements)
  const outline = task({
    id: 'outline',
    title: 'Outline the whole',
    description: 'Write down what is asked for and which parts it has, so that all parts fit together.',
    type: 'planning',
    artifacts: [OUTLINE_PATH],
  })
  const middle = parts.map((part) => task({ ...partTask(part), depends_on: [outline.id] }))
  return {
    title: shortLine(requirements) || 'A plan',
    summary: `An outline, ${parts.length} parts that can be done at the same time, and an index. Planned by Baton's demo model from the words of the requirement alone: no AI.`,
    tasks: [outline, ...middle, indexTask([outline, ...middle], parts)],
  }
}

function partTask(part: DemoPart): Given {
  return { id: part.id, title: part.title, description: part.text, type: part.type, artifacts: [part.path] }
}

function indexTask(others: readonly DemoTask[], parts: readonly DemoPart[]): DemoTask {
  const taken = new Set(parts.map((part) => part.path.toLowerCase()))
  const path = INDEX_PATHS.find((free) => !taken.has(free)) ?? 'parts/index.md'
  return task({
    id: 'index',
    title: 'Bring everything together',
    description: `Write ${path} with a link to every file, and check that each link leads somewhere.`,
    type: 'integration',
    complexity: 'medium',
    depends_on: others.map((other) => other.id),
    acceptance: [`Every link in ${path} leads to a file`],
    artifacts: [path],
  })
}

function guidePlan(requirements: string, guide: NonNullable<ReturnType<typeof birdsAskedFor>>): DemoPlan {
  const { birds, asked } = guide
  const selection = task({
    id: 'selection',
    title: 'Choose the birds',
    description: `Choose ${birds.length} birds that a visitor can find at Lake Constance, some for every season.`,
    type: 'planning',
    artifacts: [OUTLINE_PATH],
  })
  const pages = birds.map((bird) =>
    task({
      id: bird.slug,
      title: bird.name,
      description: `Write the page of the ${bird.name.toLowerCase()} (${bird.latin}): how to know it, its size, where at the lake and when to look for it (best: ${monthsInWords(bird.best)}), its food, its nest.`,
      type: 'research',
      depends_on: [selection.id],
      acceptance: ['Names size, place and season'],
      artifacts: [birdPath(bird)],
    }),
  )
  const extras = [
    {
      id: 'calendar',
      asked: /calendar|when to see|month/i,
      title: 'Calendar of the year',
      type: 'analysis',
      about: 'which bird can be seen in which month, as a table',
    },
    {
      id: 'glossary',
      asked: /glossary/i,
      title: 'Glossary',
      type: 'writing',
      about: 'the words that the pages use, in plain words, with links to the birds',
    },
  ]
    .filter((extra) => extra.asked.test(requirements))
    .map((extra) =>
      task({
        id: extra.id,
        title: extra.title,
        description: `Write ${extra.about}.`,
        type: extra.type,
        depends_on: pages.map((page) => page.id),
        artifacts: [`${extra.id}.md`],
      }),
    )
  const known = asked > birds.length ? ` ${asked} were asked for; the demo knows ${birds.length}.` : ''
  const others = [selection, ...pages, ...extras]
  return {
    title: 'A field guide to the birds of Lake Constance',
    summary: `${birds.length} birds, each on a page of its own.${known} ${shortText('The pages come from facts that ship with Baton; the demo model is no AI.', 200)}`,
    tasks: [...others, indexTask(others, [])],
  }
}
