import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { demoFile, type ReadFile } from '../model/demo-files.ts'
import { demoPlan } from '../model/demo-plan.ts'
import { resourceFolder } from '../resource-folder.ts'
import { DEFAULT_FILE_RULES } from '../workspace/file-rules.ts'
import { openLocalWorkspace } from '../workspace/local-workspace.ts'
import { verifyArtifacts } from './verify-artifacts.ts'

/** Writes every file of the demo's plan and answers with what the verifier finds. */
async function findings(requirements: string, round: number): Promise<string[]> {
  const root = await mkdtemp(join(tmpdir(), 'baton-demo-verified-'))
  try {
    const opened = await openLocalWorkspace(root, DEFAULT_FILE_RULES)
    if (!opened.ok) return [opened.error.message]
    const { tasks } = demoPlan(requirements)
    for (const task of tasks) {
      const depends = tasks
        .filter((other) => task.depends_on.includes(other.id))
        .map(({ id, title, artifacts }) => ({ key: id, title, artifacts: [...artifacts] }))
      const files: ReadFile[] = depends.flatMap((each) =>
        each.artifacts.map((path) => ({ path, title: 'A file', line: '' })),
      )
      const given = { ...task, key: task.id, artifacts: [...task.artifacts], depends, round, violations: [] }
      for (const path of task.artifacts) {
        const content = demoFile(path, { purpose: 'task', requirements, task: given }, files)
        const written = await opened.value.write(path, new TextEncoder().encode(content ?? ''))
        if (!written.ok) return [written.error.message]
      }
    }
    const found = await verifyArtifacts(
      opened.value,
      tasks.flatMap((task) => task.artifacts),
    )
    return found.map((violation) => violation.message)
  } finally {
    await rm(root, { recursive: true })
  }
}

test('G3 finds exactly the link that the demo gets wrong at first, and nothing after its repair', async () => {
  const sample = await readFile(join(resourceFolder(), 'sample', 'requirement.md'), 'utf8')
  expect(await findings(sample, 0)).toEqual([
    expect.stringMatching(/^index\.md links to missing-[\w.-]+, which is not there/),
  ])
  expect(await findings(sample, 1)).toEqual([])
})

test.each([
  'Write a.json, b.csv, c.yaml, d.html, e.svg, f.md and g.txt about "x", <y> & [z](w).',
  'See [this](nowhere) and ![that](gone.png "t"); `[code](x)`, <!-- open, [ref]: lost\n[ref]: lost\n\n~~~\n```',
  '🦉\u0000\u0007\u2028 \ud800',
])('R2 leaves files that pass verification for %j', async (requirements) => {
  expect(await findings(requirements, 1)).toEqual([])
})

test('R2 leaves files that pass verification for any requirement', async () => {
  const markup = fc.constantFrom(
    '[a](b)',
    '```',
    '`',
    '\n',
    '- x ',
    '<!--',
    '-->',
    '](',
    '[r]: x',
    '~~~',
    '. ',
    'and ',
    '\\',
    '> ',
  )
  const text = fc.array(fc.oneof(markup, fc.string({ unit: 'binary', maxLength: 6 })), { minLength: 1, maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(text, async (pieces) => {
      expect(await findings(pieces.join(''), 1)).toEqual([])
    }),
    { numRuns: 40 },
  )
})
