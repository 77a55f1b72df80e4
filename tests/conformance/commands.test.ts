import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { whyNoSandboxHere } from '../../src-main/core/sandbox/sandbox-bench.ts'
import type { Behaviour } from '../doubles/behaviour.ts'
import { createBaton } from '../support/baton-process.ts'
import { cleanup } from '../support/cleanup.ts'
import { anthropicDouble, type CoreBench, coreBench, must } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'

const absent = await whyNoSandboxHere()
const DONE: Behaviour = { kind: 'answer', text: 'Done.' }

function calls(...given: [name: string, given: Record<string, unknown>][]): Behaviour {
  return { kind: 'answer', text: '', tool_calls: given.map(([name, arguments_]) => ({ name, arguments: arguments_ })) }
}

/** What `run_command` said, call by call. */
function said(bench: CoreBench, project: string, task: string): string[] {
  const [run] = must(bench.core.tasks.runs(bench.task(project, task).id)).items
  const steps = must(bench.core.runs.steps(run?.id ?? ''))
  return steps.filter(({ name }) => name === 'run_command').map(({ output }) => JSON.stringify(output))
}

test('E10 T8 what a command made, changed and removed is in the diff of its task, and can be undone', async ({
  skip,
}) => {
  skip(absent !== null, absent ?? '')
  const anthropic = await anthropicDouble({
    queue: [
      calls(
        ['write_file', { path: 'note.md', content: 'one\n' }],
        ['write_file', { path: 'old.md', content: 'old\n' }],
      ),
      DONE,
      calls(['run_command', { command: 'echo two >> note.md; rm old.md; mkdir new; echo new > new/more.md' }]),
    ],
    default: DONE,
  })
  const bench = await coreBench({ anthropic, git: true })
  must(await bench.core.settings.change({ command_policy: 'allow' }))
  const { id } = await bench.start([
    { key: 'note' },
    { key: 'more', depends_on: ['note'], tools: ['run_command'], artifacts: ['new/more.md'] },
  ])
  const { workspace } = await bench.reaches(id, 'succeeded')
  expect(said(bench, id, 'more')).toEqual([
    expect.stringContaining('"files_changed":["new/more.md","note.md","old.md"]'),
  ])
  const task = bench.task(id, 'more').id
  const diff = must(await bench.core.tasks.diff(task))
  expect(diff.text).toContain('+two')
  expect(diff.files.map(({ path }) => path).toSorted()).toEqual(['new/more.md', 'note.md', 'old.md'])
  must(await bench.core.tasks.undo(task))
  expect(readFileSync(join(workspace, 'note.md'), 'utf8')).toBe('one\n')
  expect(readFileSync(join(workspace, 'old.md'), 'utf8')).toBe('old\n')
  expect(existsSync(join(workspace, 'new/more.md'))).toBe(false)
})

test('T4 the model is told how a command ended, and what may not keep its name', async ({ skip }) => {
  skip(absent !== null, absent ?? '')
  const anthropic = await anthropicDouble({
    queue: [
      calls(
        ['run_command', { command: 'ls nothing-there' }],
        ['run_command', { command: 'tail -f /dev/null', timeout_s: 1 }],
        ['run_command', { command: 'mkdir .git' }],
      ),
      calls(['write_file', { path: 'note.md', content: 'one\n' }]),
    ],
    default: DONE,
  })
  const bench = await coreBench({ anthropic, git: true })
  const { id } = await bench.start([{ key: 'note', tools: ['run_command'] }])
  await bench.reaches(id, 'succeeded')
  expect(said(bench, id, 'note')).toEqual([
    expect.stringMatching(/"is_error":true.*Exit code 2 after .*cannot access/),
    expect.stringMatching(/"is_error":true.*took longer than 1 s/),
    expect.stringMatching(/"is_error":false.*\\"\.git\\" must not be made by a command.*refused-git/),
  ])
})

test('G3 T4 without a sandbox the command of a plan is left out, and the verifier says so', async () => {
  const anthropic = await anthropicDouble({
    queue: [calls(['write_file', { path: 'note.md', content: 'one\n' }], ['run_command', { command: 'ls' }])],
    default: DONE,
  })
  // Without a PATH there is no bubblewrap.
  const bench = await coreBench({ anthropic })
  const { id } = await bench.start([{ key: 'note', tools: ['run_command'], verify_command: 'false' }])
  await bench.reaches(id, 'succeeded')
  expect(said(bench, id, 'note')).toEqual([expect.stringMatching(/Commands cannot be run/)])
  const [run] = must(bench.core.tasks.runs(bench.task(id, 'note').id)).items
  const verified = must(bench.core.runs.events(run?.id ?? '')).find(
    ({ node, phase }) => node === 'verifier' && phase === 'completed',
  )
  expect(verified?.summary).toMatch(/Its command was not run\. Commands cannot be run/)
})

test('E5 a command dies with a Baton that is killed, and is not begun again before a person says so', async ({
  skip,
}) => {
  skip(absent !== null, absent ?? '')
  const marker = `marker-${process.pid}-${Date.now()}`
  const anthropic = await anthropicDouble({
    queue: [
      calls(['run_command', { command: `tail -F ${marker}` }]),
      calls(['write_file', { path: 'note.md', content: 'one\n' }]),
    ],
    default: DONE,
  })
  const baton = createBaton({ anthropic: anthropic.url })
  cleanup(() => baton.close())
  const plan = join(baton.folder, 'plan.json')
  const task = { key: 'note', title: 'A note', type: 'writing', complexity: 'medium', tools: ['run_command'] }
  writeFileSync(plan, JSON.stringify({ title: 'A note', tasks: [{ ...task, artifacts: ['note.md'] }] }))
  const working = baton.start(['run', plan, '--yes', '--json'])
  await eventually('the command', () => processesWith(marker).length > 0)
  await working.kill()
  await eventually('the end of the command', () => processesWith(marker).length === 0)

  const stopped = await baton.run(['resume', '--json'])
  expect(stopped.code).toBe(4)
  expect(processesWith(marker)).toEqual([])
  const shown = await baton.run(['approvals', '--json'])
  const asked: unknown = JSON.parse(shown.stdout)
  expect(asked).toMatchObject({ kind: 'repeat', tool: 'run_command', arguments: { command: `tail -F ${marker}` } })
  const { id } = asked as { id: string }
  expect((await baton.run(['approvals', '--deny', id])).code).toBe(0)
  expect((await baton.run(['resume', '--json'])).code).toBe(0)
  expect(processesWith(marker)).toEqual([])
})

function processesWith(argument: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'latin1').split('\0').includes(argument)
      } catch {
        return false
      }
    })
}
