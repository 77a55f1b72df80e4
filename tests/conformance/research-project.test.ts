import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { citation } from '../../src-contract/knowledge-words.ts'
import { newProject } from '../../src-contract/project.ts'
import { type Brain, filesToDeliver } from '../doubles/brain.ts'
import { createEmbedder } from '../doubles/embedder-double.ts'
import { coreBench, must, ollamaDouble } from '../support/core-bench.ts'
import { addPath, folderOf, untilEmbedded } from '../support/knowledge-bench.ts'
import { makePdf } from '../support/make-pdf.ts'

const PLACES =
  'Aldham Bexley Corrie Dunmore Elsdon Farley Garway Halden Inver Jarlow Kelso Lammer Mordun Nairn Osgod Penrith Quarle Ripon Selby Tarbet'.split(
    ' ',
  )
/** What is asked of some of the papers; their words are not those of the papers. */
const ASKED = ['Bexley', 'Garway', 'Kelso', 'Osgod', 'Selby']

interface Paper {
  readonly place: string
  readonly file: string
  readonly fact: string
  readonly content: string | Uint8Array
  /** The fact's place: lines of the file, or a page. */
  readonly line: number | null
  readonly page: number | null
}

/** One paper about each place, in three formats, with one fact somewhere inside. */
function paperAbout(place: string, index: number): Paper {
  const fact = `At ${place} the raptor was seen on ${index + 11} evenings.`
  const filler = (part: string): string[] =>
    Array.from({ length: 14 }, (_, line) => `Remark ${line} of ${part}: the path beside the stream was walked at dusk.`)
  if (index % 5 === 2) {
    const pages = [filler('first'), [...filler('second'), fact, ...filler('third')]]
    return { place, file: `${place}.pdf`, fact, content: makePdf(pages), line: null, page: 2 }
  }
  if (index % 5 === 4) {
    const rows = [...filler('first'), fact, ...filler('second')].map((text) => `<p>${text}</p>`)
    const content = ['<!doctype html>', `<h1>${place}</h1>`, ...rows].join('\n')
    return { place, file: `${place}.html`, fact, content, line: 3 + 14, page: null }
  }
  const lines = [`# ${place}`, '', ...filler('first'), '', `## Observations`, '', fact, '', ...filler('second'), '']
  return { place, file: `${place}.md`, fact, content: lines.join('\n'), line: lines.indexOf(fact) + 1, page: null }
}

/** Searches for what its task asks, writes down the best passage's place and its sentence, and says that it is done. */
const researcher: Brain = (request) => {
  const order = request.messages.find((message) => message.role === 'user')?.text ?? ''
  const [path] = filesToDeliver(request.messages)
  const question = /Question: (.+)/.exec(order)?.[1]
  const last = request.messages.at(-1)
  if (path === undefined || question === undefined) return { text: 'Everything was answered.', tool_calls: [] }
  if (last?.role === 'user') {
    return { text: '', tool_calls: [{ name: 'search_knowledge', arguments: { query: question, limit: 3 } }] }
  }
  if (last?.answers?.name !== 'search_knowledge') return { text: 'Done.', tool_calls: [] }
  const place = /^\[([^\]]+)\]/.exec(last.text)?.[1] ?? 'nowhere'
  const sentence = /At \w+ the raptor was seen[^.]+\./.exec(last.text)?.[0] ?? 'Nothing was found.'
  return { text: '', tool_calls: [{ name: 'write_file', arguments: { path, content: `${sentence} [${place}]\n` } }] }
}

const searchOutput = z.object({ citations: z.array(citation).min(1) })

test('K3 T2 E7 answers of a research project cite the places in twenty papers where they really stand', async () => {
  const ollama = await ollamaDouble({ brain: researcher, embedder: createEmbedder() })
  const { core, ...bench } = await coreBench({ ollama: ollama.url })
  const papers = PLACES.map(paperAbout)
  const folder = folderOf(Object.fromEntries(papers.map(({ file, content }) => [file, content])))
  const project = must(await core.projects.create(newProject.parse({ requirements: 'What do the papers say?' })))
  const source = await addPath(core, { path: folder, project_id: project.id })
  expect(source).toMatchObject({ state: 'ready', files: 20, problems: 0 })
  await untilEmbedded(core)

  const tasks = ASKED.map((place) => ({
    key: place.toLowerCase(),
    title: `Owls at ${place}`,
    description: `Question: How many nights were nocturnal owls seen at ${place}?`,
    type: 'research',
    complexity: 'simple',
    tier: 'local',
    tools: ['search_knowledge'],
    depends_on: [],
    acceptance: [],
    artifacts: [`${place}.txt`],
  }))
  const plan = must(await core.projects.addPlan(project.id, { title: 'Look it up', tasks }, 'file'))
  must(await core.plans.approve(plan.id, 1_000_000))
  await bench.reaches(project.id, 'succeeded')

  for (const place of ASKED) {
    const paper = papers.find((each) => each.place === place) ?? paperAbout('', 0)
    const answer = must(await core.projects.artifact(project.id, `${place}.txt`)).text ?? ''
    expect(answer).toContain(paper.fact)
    const cited = /\[([^\]]+)\]/.exec(answer)?.[1] ?? ''
    expect(cited).toContain(`${basename(folder)}/${paper.file}`)
    // What is cited, looked up by hand in the file itself.
    if (paper.page !== null) expect(cited).toMatch(new RegExp(`, page ${paper.page}$`))
    else {
      const [, from = '0', to = from] = /:(\d+)(?:-(\d+))?$/.exec(cited) ?? []
      const lines = readFileSync(join(folder, paper.file), 'utf8').split('\n')
      expect(lines[(paper.line ?? 0) - 1]).toContain(paper.fact)
      expect(Number(from)).toBeLessThanOrEqual(paper.line ?? 0)
      expect(Number(to)).toBeGreaterThanOrEqual(paper.line ?? 0)
      expect(lines.slice(Number(from) - 1, Number(to)).join('\n')).toContain(paper.fact)
    }

    // The step keeps the places, and each opens the document there.
    const task = bench.task(project.id, place.toLowerCase())
    const steps = must(core.runs.steps(task.run_id ?? ''))
    const search = steps.find((step) => step.name === 'search_knowledge')
    const [first] = searchOutput.parse(search?.output).citations
    const text = must(await core.knowledge.text(first?.document_id ?? '', first?.start ?? 0))
    const whole = text.parts.map((part) => part.text).join('')
    expect(
      whole.slice((first?.start ?? 0) - (text.parts[0]?.start ?? 0), (first?.end ?? 0) - (text.parts[0]?.start ?? 0)),
    ).toContain(paper.fact)

    // The task was given passages with their places before it asked (E7), within its bound.
    const context = must(core.runs.context(task.run_id ?? ''))
    expect(context.sources.map(({ path }) => path)).toContain(paper.file)
    expect(context.prompt).toContain(`[${context.sources[0]?.title}`)
    expect(context.tokens).toBeLessThanOrEqual(context.token_budget)
    expect(context.parts.find(({ name }) => name === 'knowledge')?.tokens).toBeLessThan(context.token_budget * 0.26)
  }
}, 120_000)

test('E7 T2 a task without knowledge is offered no search in it, and its context has none', async () => {
  const ollama = await ollamaDouble({ brain: researcher })
  const bench = await coreBench({ ollama: ollama.url })
  await bench.core.settings.change({ local_only: true })
  const { id } = await bench.start([{ key: 'a', tier: 'local', tools: ['search_knowledge'], artifacts: [] }])
  await bench.reaches(id, 'succeeded')
  const chats = ollama.record.calls.filter((call) => call.path === '/api/chat')
  expect(JSON.stringify(chats.map((call) => call.body))).not.toContain('search_knowledge')
  expect(must(bench.core.runs.context(bench.task(id, 'a').run_id ?? '')).sources).toEqual([])
})
