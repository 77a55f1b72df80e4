import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { z } from 'zod'
import { resourceFolder } from '../resource-folder.ts'
import { DEMO_LINE, linkTarget, NUMBER_PATTERN, readNumber } from './demo-text.ts'

const months = z.lazy(() => z.array(z.number().int().min(1).max(12)))

const birdFile = z.lazy(() =>
  z.object({
    birds: z.array(
      z.object({
        slug: z.string(),
        name: z.string(),
        latin: z.string(),
        family: z.string(),
        size_cm: z.tuple([z.number(), z.number()]),
        seen: months,
        best: months,
        line: z.string(),
        look: z.string(),
        where: z.string(),
        food: z.string(),
        breeding: z.string(),
        worth_knowing: z.string(),
      }),
    ),
    glossary: z.array(z.object({ term: z.string(), meaning: z.string(), birds: z.array(z.string()) })),
  }),
)
type BirdFile = z.infer<typeof birdFile>
export type Bird = BirdFile['birds'][number]

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const FULL_MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const USUAL_COUNT = 12

let loaded: BirdFile | null = null

/** The facts that ship with Baton. A broken file is a broken installation, so it throws. */
function facts(): BirdFile {
  loaded ??= birdFile.parse(JSON.parse(readFileSync(join(resourceFolder(), 'sample', 'birds.json'), 'utf8')))
  return loaded
}

/**
 * The birds that a requirement asks for, or null where it is about something else. Only Lake Constance: of birds
 * elsewhere the demo knows nothing.
 */
export function birdsAskedFor(requirements: string): { birds: readonly Bird[]; asked: number } | null {
  const head = requirements.slice(0, 5_000)
  if (!/lake constance|bodensee/i.test(head) || !/\bbirds?\b/i.test(head)) return null
  const count = new RegExp(`\\b(${NUMBER_PATTERN})\\s+(?:[a-z]+\\s+){0,2}birds?\\b`, 'gi')
  // "one file per bird" names no number of birds.
  const numbers = [...head.matchAll(count)].map((match) => readNumber(match[1] ?? '')).filter((number) => number > 1)
  const asked = numbers[0] ?? USUAL_COUNT
  return { birds: facts().birds.slice(0, Math.max(2, asked)), asked }
}

export function birdPath(bird: Bird): string {
  return `birds/${bird.slug}.md`
}

/** The bird whose page this file is, or null. */
export function birdOf(path: string): Bird | null {
  return facts().birds.find((bird) => birdPath(bird) === path) ?? null
}

function birdsOf(paths: readonly string[]): Bird[] {
  return paths.flatMap((path) => birdOf(path) ?? [])
}

/** `January to March and September`, in the order of the year, a stretch over the new year kept together. */
export function monthsInWords(list: readonly number[]): string {
  if (list.length === 12) return 'all year'
  const has = new Set(list)
  const starts = [...has].filter((month) => !has.has(month === 1 ? 12 : month - 1)).sort((a, b) => a - b)
  const stretches = starts.map((start) => {
    let end = start
    while (has.has((end % 12) + 1)) end = (end % 12) + 1
    const first = FULL_MONTHS[start - 1] ?? ''
    return start === end ? first : `${first} to ${FULL_MONTHS[end - 1] ?? ''}`
  })
  return stretches.join(' and ')
}

export function birdPage(bird: Bird): string {
  const [small, large] = bird.size_cm
  return `# ${bird.name}

> ${bird.line}

| | |
|---|---|
| Latin name | *${bird.latin}* |
| Family | ${bird.family} |
| Length | ${small}–${large} cm |
| At the lake | ${monthsInWords(bird.seen)} |
| Best time | ${monthsInWords(bird.best)} |

## How to know it

${bird.look}

## Where to look

${bird.where}

## Food

${bird.food}

## Nest and young

${bird.breeding}

## Worth knowing

${bird.worth_knowing}

---

${DEMO_LINE}
`
}

/** Which birds can be seen when; `paths` are the pages that exist. */
export function birdCalendar(path: string, paths: readonly string[]): string {
  const birds = birdsOf(paths)
  const rows = birds.map((bird) => {
    const cells = MONTHS.map((_, index) =>
      bird.best.includes(index + 1) ? '●' : bird.seen.includes(index + 1) ? '○' : ' ',
    )
    return `| [${bird.name}](${linkTarget(path, birdPath(bird))}) | ${cells.join(' | ')} |`
  })
  const byMonth = FULL_MONTHS.map((month, index) => {
    const best = birds.filter((bird) => bird.best.includes(index + 1)).map((bird) => bird.name)
    const seen = birds.filter((bird) => bird.seen.includes(index + 1))
    return `- **${month}**: ${best.length > 0 ? best.join(', ') : `a quiet month; ${seen.length} of these birds can be seen`}`
  })
  return `# When to see which bird

> The year at Lake Constance at a glance: ● the best time, ○ can be seen.

| Bird | ${MONTHS.join(' | ')} |
|---|${':-:|'.repeat(12)}
${rows.join('\n')}

## Month by month

${byMonth.join('\n')}

---

${DEMO_LINE}
`
}

export function birdGlossary(path: string, paths: readonly string[]): string {
  const birds = new Map(birdsOf(paths).map((bird) => [bird.slug, bird]))
  const entries = facts().glossary.flatMap(({ term, meaning, birds: named }) => {
    const links = named.flatMap((name) => {
      const bird = birds.get(name)
      return bird === undefined ? [] : [`[${bird.name}](${linkTarget(path, birdPath(bird))})`]
    })
    return links.length === 0 ? [] : [`**${term}**: ${meaning} See ${links.join(', ')}.`]
  })
  return `# Glossary

> ${entries.length} words that the pages of this guide use.

${entries.join('\n\n')}

---

${DEMO_LINE}
`
}

/** The page that lists which birds the guide has and why, before any of them is written. */
export function birdSelection(birds: readonly Bird[]): string {
  const rows = birds.map((bird) => `| ${bird.name} | *${bird.latin}* | ${bird.family} | ${monthsInWords(bird.best)} |`)
  return `# The birds of this guide

> ${birds.length} birds that a visitor can find at Lake Constance, chosen so that every season has some.

| Bird | Latin name | Family | Best time |
|---|---|---|---|
${rows.join('\n')}

---

${DEMO_LINE}
`
}

/** Whether a file of the guide is its calendar or its glossary, by its name. */
export function guideFile(path: string): 'calendar' | 'glossary' | null {
  const name = posix.basename(path)
  return name === 'calendar.md' ? 'calendar' : name === 'glossary.md' ? 'glossary' : null
}
