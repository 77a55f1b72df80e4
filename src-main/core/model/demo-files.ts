import { posix } from 'node:path'
import { birdCalendar, birdGlossary, birdOf, birdPage, birdSelection, birdsAskedFor, guideFile } from './demo-birds.ts'
import type { DemoTaskHint } from './demo-hint.ts'
import { OUTLINE_PATH, partsOf } from './demo-parts.ts'
import { DEMO_LINE, fenced, inline, linkTarget, shortLine, shortText } from './demo-text.ts'

/** A file that an earlier task left, with what reading it told. */
export interface ReadFile {
  readonly path: string
  readonly title: string
  readonly line: string
}

const MAX_QUOTE = 4_000

/**
 * What the demo writes into a file that a task promised; null where it cannot (images and other binaries).
 *
 * @param files the files of the tasks that this one depends on
 */
export function demoFile(path: string, hint: DemoTaskHint, files: readonly ReadFile[]): string | null {
  const extension = posix.extname(path).toLowerCase()
  if (extension === '.md') return markdown(path, hint, files)
  const { task } = hint
  const asked = shortText(task.description || task.title, MAX_QUOTE)
  const facts = { title: task.title, asked, based_on: files.map((file) => file.path), note: DEMO_LINE }
  switch (extension) {
    case '':
    case '.txt':
      return `${task.title}\n\n${asked}\n\n${DEMO_LINE}\n`
    case '.json':
      return `${JSON.stringify(facts, null, 2)}\n`
    case '.yaml':
    case '.yml':
      return Object.entries(facts)
        .map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`)
        .join('')
    case '.csv':
      return [
        ['name', 'value'],
        ['title', task.title],
        ['asked', asked],
        ['note', DEMO_LINE],
      ]
        .map(csvLine)
        .join('')
    case '.html':
      return `<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>${escaped(task.title)}</title>\n<h1>${escaped(task.title)}</h1>\n<p>${escaped(asked)}</p>\n<footer>${escaped(DEMO_LINE)}</footer>\n</html>\n`
    case '.svg':
      return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 160" role="img">\n  <rect width="640" height="160" rx="12" fill="#e8eef4"/>\n  <text x="24" y="76" font-family="sans-serif" font-size="22" fill="#1d2b3a">${escaped(shortLine(task.title, 48))}</text>\n  <text x="24" y="124" font-family="sans-serif" font-size="14" fill="#1d2b3a">${escaped(DEMO_LINE)}</text>\n</svg>\n`
    case '.js':
    case '.ts':
    case '.mjs':
    case '.cjs':
    case '.tsx':
    case '.jsx':
      return commented(`${task.title}\n\n${asked}\n\n${DEMO_LINE}`, '//')
    case '.py':
    case '.sh':
    case '.rb':
    case '.toml':
      return commented(`${task.title}\n\n${asked}\n\n${DEMO_LINE}`, '#')
    case '.css':
      return `/*\n${`${task.title}\n\n${asked}\n\n${DEMO_LINE}`.replaceAll('*/', '* /')}\n*/\n`
    default:
      return null
  }
}

function csvLine(fields: readonly string[]): string {
  return `${fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(',')}\n`
}

function commented(text: string, sign: string): string {
  return `${text
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((line) => `${sign} ${line}`.trimEnd())
    .join('\n')}\n`
}

function escaped(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, ' ').replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

function markdown(path: string, hint: DemoTaskHint, files: readonly ReadFile[]): string {
  const guide = birdsAskedFor(hint.requirements)
  if (guide !== null) {
    const bird = birdOf(path)
    if (bird !== null) return birdPage(bird)
    const paths = files.map((file) => file.path)
    if (guideFile(path) === 'calendar') return birdCalendar(path, paths)
    if (guideFile(path) === 'glossary') return birdGlossary(path, paths)
    if (path === OUTLINE_PATH) return birdSelection(guide.birds)
  }
  if (hint.task.type === 'integration') return indexPage(path, hint, files)
  return path === OUTLINE_PATH ? outlinePage(hint) : partPage(hint, files, path)
}

/**
 * Links every file of the dependencies. The first try gets its last link wrong on purpose, so that the verifier's work
 * and the repair can be seen.
 */
function indexPage(path: string, hint: DemoTaskHint, files: readonly ReadFile[]): string {
  const guide = birdsAskedFor(hint.requirements)
  const isFirstTry = hint.task.round === 0 && hint.task.violations.length === 0
  const links = files.map((file, index) => {
    const target = linkTarget(path, file.path)
    const isWrong = isFirstTry && index === files.length - 1
    const line = file.line === '' || file.line === file.title ? '' : `: ${file.line}`
    return {
      folder: posix.dirname(file.path),
      text: `- [${file.title}](${isWrong ? `missing-${target.replaceAll('/', '-')}` : target})${line}`,
    }
  })
  const folders = [...new Set(links.map((link) => link.folder))].sort((a, b) => Number(a === '.') - Number(b === '.'))
  const sections = folders.map((folder) => {
    const heading = folder === '.' ? 'Overview' : `${folder.charAt(0).toUpperCase()}${folder.slice(1)}`
    return `## ${inline(heading)}\n\n${links
      .filter((link) => link.folder === folder)
      .map((link) => link.text)
      .join('\n')}`
  })
  const title =
    guide === null ? inline(shortLine(hint.requirements)) || 'Index' : 'A field guide to the birds of Lake Constance'
  const intro =
    guide === null
      ? `${files.length} files were made for this.`
      : 'For visitors without field experience: what swims, wades and flies here, and when.'
  const body =
    sections.length === 0
      ? fenced(shortText(hint.task.description || hint.task.title, MAX_QUOTE))
      : sections.join('\n\n')
  return `# ${title}\n\n> ${intro}\n\n${body}\n\n---\n\n${DEMO_LINE}\n`
}

function outlinePage(hint: DemoTaskHint): string {
  const parts = partsOf(hint.requirements).map((part, index) => `${index + 1}. ${inline(part.title)}`)
  return `# Outline\n\n> What is asked for, and the parts it has.\n\n## The requirement\n\n${fenced(shortText(hint.requirements, MAX_QUOTE))}\n\n## Parts\n\n${parts.join('\n')}\n\n---\n\n${DEMO_LINE}\n`
}

function partPage(hint: DemoTaskHint, files: readonly ReadFile[], path: string): string {
  const { task } = hint
  const points = pointsOf(task.description).map((point) => `- [ ] ${inline(point)}`)
  const sources = files.map((file) => `- [${file.title}](${linkTarget(path, file.path)})`)
  const sections = [
    `## What is asked\n\n${fenced(shortText(task.description || task.title, MAX_QUOTE))}`,
    points.length > 1 ? `## In single points\n\n${points.join('\n')}` : '',
    sources.length > 0 ? `## Based on\n\n${sources.join('\n')}` : '',
    '## What a model would add\n\nThe demo knows only the words above. With a local or cloud model chosen in the settings, this page holds the finished text.',
  ]
  return `# ${inline(task.title)}\n\n> ${inline(shortLine(task.description || task.title, 120))}\n\n${sections.filter((section) => section !== '').join('\n\n')}\n\n---\n\n${DEMO_LINE}\n`
}

const MAX_POINTS = 20

function pointsOf(text: string): string[] {
  return text
    .slice(0, MAX_QUOTE)
    .split(/[,;]\s+|(?<=[.!?])\s+|[。！？、，；\n]/u)
    .map((point) => point.trim())
    .filter((point) => /[\p{L}\p{N}]/u.test(point))
    .slice(0, MAX_POINTS)
}
