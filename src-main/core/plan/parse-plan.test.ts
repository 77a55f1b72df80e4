import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_PLAN_TASKS, type PlanDocument } from '#contract/plan.ts'
import { complexity, taskType, tier } from '#contract/states.ts'
import { checkPlan } from './check-plan.ts'
import { type ParsedPlan, parsePlan } from './parse-plan.ts'

const known = { tools: ['read_file', 'write_file'] }

function task(id: unknown, change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id,
    title: `Title of ${String(id)}`,
    description: 'What to do',
    type: 'writing',
    complexity: 'simple',
    tier: null,
    tools: ['write_file'],
    depends_on: [],
    acceptance: [],
    verify_command: null,
    write_scope: [],
    artifacts: [],
    ...change,
  }
}

function answer(tasks: unknown, change: Record<string, unknown> = {}): string {
  return JSON.stringify({ title: 'A plan', summary: 'In short', tasks, ...change })
}

function good(parsed: ParsedPlan): { document: PlanDocument; repairs: string[] } {
  if (!parsed.ok) expect.fail(JSON.stringify(parsed.problems))
  return { document: parsed.document, repairs: parsed.repairs.map((repair) => repair.what) }
}

function problems(text: string): string {
  const parsed = parsePlan(text, known)
  if (parsed.ok) expect.fail('was accepted')
  expect(parsed.problems.length).toBeGreaterThan(0)
  return parsed.problems.map(({ task: key, field, message }) => `${key}/${field}: ${message}`).join('\n')
}

function dependencies(tasks: unknown[]): string[][] {
  return good(parsePlan(answer(tasks), known)).document.tasks.map((each) => each.depends_on)
}

describe('P3 dependencies', () => {
  test('P3 reads numbers that are ids as ids, whatever their type', () => {
    const tasks = [task(1), task('2', { depends_on: ['1'] }), task(3, { depends_on: [1, '2'] })]
    expect(dependencies(tasks)).toEqual([[], ['1'], ['1', '2']])
  })
  test('P3 counts positions from 0 when a 0 occurs', () => {
    expect(dependencies([task('a'), task('b', { depends_on: ['0'] }), task('c', { depends_on: ['1', 0] })])).toEqual([
      [],
      ['a'],
      ['b', 'a'],
    ])
  })
  test('P3 counts positions from 1 when the number of tasks occurs', () => {
    expect(dependencies([task('a', { depends_on: [3] }), task('b', { depends_on: [1] }), task('c')])).toEqual([
      ['c'],
      ['a'],
      [],
    ])
  })
  test('P3 counts positions in the only way in which no task waits for itself', () => {
    expect(dependencies([task('a'), task('b', { depends_on: ['1'] }), task('c', { depends_on: ['2'] })])).toEqual([
      [],
      ['a'],
      ['b'],
    ])
  })
  test('P3 calls a position a problem where both ways of counting make sense', () => {
    expect(problems(answer([task('a'), task('b'), task('c', { depends_on: [1] })]))).toMatch(/from 0 or from 1/)
  })
  test('P3 reads numbers by the numbers that all ids end with', () => {
    expect(dependencies([task('t1'), task('t2'), task('t3', { depends_on: [1, '2'] })])).toEqual([[], [], ['t1', 't2']])
  })
  test.each([[99], ['99'], [-1], [1.5], ['nowhere'], [{}], [null]])('P3 refuses the dependency %j', (wrong) => {
    expect(problems(answer([task('a'), task('b', { depends_on: [wrong] })]))).toMatch(/b\/depends_on/)
  })
  test('P3 refuses a position out of range even where others are right', () => {
    expect(problems(answer([task('a'), task('b', { depends_on: [0, 7] })]))).toMatch(/no task 7/)
  })
  test('P3 drops a dependency on itself and a repeated one, and says so', () => {
    const parsed = good(
      parsePlan(answer([task('a', { depends_on: ['a'] }), task('b', { depends_on: ['a', 'a'] })]), known),
    )
    expect(parsed.document.tasks.map((each) => each.depends_on)).toEqual([[], ['a']])
    expect(parsed.repairs.join()).toMatch(/on itself.*once instead of twice/)
  })
  test('P3 names the path of a cycle', () => {
    const tasks = [task('a', { depends_on: ['c'] }), task('b', { depends_on: ['a'] }), task('c', { depends_on: ['b'] })]
    expect(problems(answer(tasks))).toMatch(/a → c → b → a/)
  })
  test('P3 finds titles, other case, one text and commas', () => {
    const tasks = [
      task('owl'),
      task('jay', { depends_on: 'OWL' }),
      task('end', { depends_on: 'owl, jay' }),
      task('last', { depends_on: ['Title of end'] }),
    ]
    expect(dependencies(tasks)).toEqual([[], ['owl'], ['owl', 'jay'], ['end']])
  })
})

describe('P3 ids', () => {
  test('P3 renames the second of two equal ids when nobody depends on them', () => {
    const parsed = good(parsePlan(answer([task('a'), task('a'), task('b')]), known))
    expect(parsed.document.tasks.map((each) => each.key)).toEqual(['a', 'a-2', 'b'])
    expect(parsed.repairs).toHaveLength(1)
  })
  test('P3 refuses equal ids when a task depends on them', () => {
    expect(problems(answer([task('a'), task('a'), task('b', { depends_on: ['a'] })]))).toMatch(
      /2 tasks are called that/,
    )
  })
  test('P3 gives ids to tasks without, and spells ids that keys cannot spell', () => {
    const tasks = [task(undefined), task('鳥', { depends_on: [] }), task('my task!', { depends_on: ['鳥'] })]
    const { document } = good(parsePlan(answer(tasks), known))
    expect(document.tasks.map((each) => each.key)).toEqual(['t1', 't2', 'my-task'])
    expect(document.tasks[2]?.depends_on).toEqual(['t2'])
  })
})

describe('P3 fields', () => {
  test('P3 reads other spellings of words and tools, and notes each', () => {
    const change = { type: 'Coding', complexity: 'HIGH', tier: 'Strong', tools: ['writeFile', 'read-file'] }
    const parsed = good(parsePlan(answer([task('a', change)]), known))
    expect(parsed.document.tasks[0]).toMatchObject({
      type: 'code',
      complexity: 'complex',
      tier: 'strong',
      tools: ['write_file', 'read_file'],
    })
    expect(parsed.repairs).toHaveLength(5)
  })
  test.each([
    ['type', 'dancing'],
    ['type', undefined],
    ['type', 'constructor'],
    ['complexity', 7],
    ['tier', 'gigantic'],
    ['tools', ['launch_rocket']],
    ['artifacts', ['../escape.md']],
    ['artifacts', ['/etc/passwd']],
    ['artifacts', ['C:\\x.md']],
    ['write_scope', ['a/../../b']],
    ['verify_command', ['a', 'b']],
    ['description', { a: 1 }],
    ['acceptance', [1]],
    ['title', ['a', {}]],
  ])('P3 sends back %s %j', (field, value) => {
    expect(problems(answer([task('a', { [field]: value })]))).toMatch(`a/${field}`)
  })
  test('P3 fills in missing lists and takes a missing title from the description', () => {
    const tasks = [{ id: 'a', description: 'Count the owls.\nAll of them.', type: 'research', complexity: 'simple' }]
    const { document } = good(parsePlan(answer(tasks), known))
    expect(document.tasks[0]).toMatchObject({ title: 'Count the owls.', tools: [], depends_on: [], artifacts: [] })
  })
  test('P3 refuses a task that says nothing', () => {
    expect(problems(answer([task('a', { title: '', description: null })]))).toMatch(/neither title nor description/)
  })
  test('P3 keeps the whole of a title that is too long', () => {
    const long = 'long '.repeat(100).trim()
    const first = good(parsePlan(answer([task('a', { title: long })]), known)).document.tasks[0]
    expect(first?.title.length).toBeLessThanOrEqual(300)
    expect(first?.description).toContain(long)
  })
  test('P3 notes members that plans do not have, __proto__ among them', () => {
    const text = answer([task('a', { owner: 'me' })]).replace('"owner"', '"__proto__":{"x":1},"owner"')
    expect(good(parsePlan(text, known)).repairs.join()).toMatch(/__proto__.*owner/)
  })
  test('P3 reads camel case and refuses two spellings of one member', () => {
    expect(
      dependencies([task('a'), { ...task('b'), depends_on: undefined, dependsOn: ['a'] }].map(dropUndefined)),
    ).toEqual([[], ['a']])
    expect(problems(answer([{ ...task('a'), dependencies: [] }]))).toMatch(/mean the same/)
  })
})

function dropUndefined(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

describe('P3 answers around the plan', () => {
  const plan = answer([task('a')])
  test.each([
    ['a fence', `\`\`\`json\n${plan}\n\`\`\``],
    ['prose', `Sure [1]! Here {it} is:\n${plan}\nTell me {if} it fits.`],
    ['a byte order mark and a comma too many', `\u{FEFF}${plan.slice(0, -1)},}`],
    ['a quoted text', JSON.stringify(plan)],
    ['an object around it', `{"plan": ${plan}}`],
    ['an empty object before it', `{}\n${plan}`],
  ])('P3 finds the plan in %s and notes it', (_, text) => {
    const parsed = good(parsePlan(text, known))
    expect(parsed.document.title).toBe('A plan')
    expect(parsed.repairs.length).toBeGreaterThan(0)
  })
  test('P3 takes a list for the tasks, and an object of tasks for a list', () => {
    expect(good(parsePlan(JSON.stringify([task('a'), task('b')]), known)).document.tasks).toHaveLength(2)
    const named = { owl: task(undefined), jay: task(undefined, { depends_on: ['owl'] }) }
    expect(good(parsePlan(answer(named), known)).document.tasks.map((each) => each.key)).toEqual(['owl', 'jay'])
  })
  test('P3 says that the answer was cut, at whatever place', () => {
    const full = answer([task('a'), task('b', { depends_on: ['a'] })])
    for (let length = 1; length < full.length; length += 1) {
      expect(problems(full.slice(0, length))).toMatch(/was cut/)
    }
  })
  test.each([
    ['', /empty/],
    ['I cannot help with that.', /no JSON object/],
    ['{"title": "x" "tasks": []}', /cannot be read/],
    ['{"title": "x"}', /"tasks" is nothing/],
    ['{"tasks": []}', /no tasks/],
    ['{"tasks": [null]}', /Task 1 is null/],
    ['{"tasks": "all"}', /"tasks" is the text/],
    ['42', /no JSON object/],
    ['{"a":'.repeat(100_000), /nested/],
  ])('P3 refuses %s', (text, reason) => {
    expect(problems(text)).toMatch(reason)
  })
  test('P3 refuses two plans in one answer', () => {
    expect(problems(`${plan}\n${plan}`)).toMatch(/2 plans/)
  })
  test('P3 refuses 10 MB without reading them', () => {
    expect(problems(`{"title": "${'x'.repeat(10_000_000)}"}`)).toMatch(/10\.0 MB/)
  })
  test('P3 counts what goes wrong without end, in an answer of empty objects and in a list of nonsense', () => {
    expect(problems('{}'.repeat(500_000))).toMatch(/no JSON object/)
    const nonsense = Array.from({ length: 50_000 }, (_, index) => `nobody${index}`)
    expect(problems(answer([task('a', { depends_on: nonsense })]))).toMatch(/And 48000 more problems/)
  })
  test('P3 refuses more tasks than a plan may have', () => {
    const tasks = Array.from({ length: MAX_PLAN_TASKS + 1 }, (_, index) => task(`k${index}`))
    expect(problems(answer(tasks))).toMatch(/at most 1000/)
  })
  test.each([300, 1_000])('P3 reads a chain of %i tasks, and finds a cycle through all of them', (count) => {
    const chain = Array.from({ length: count }, (_, index) =>
      task(`k${index}`, { depends_on: index === 0 ? [] : [`k${index - 1}`] }),
    )
    expect(good(parsePlan(answer(chain), known)).repairs).toEqual([])
    chain[0] = task('k0', { depends_on: [`k${count - 1}`] })
    expect(problems(answer(chain))).toMatch(/k0 → .* → k0/)
  })
})

const arbitraryPlan = fc
  .uniqueArray(fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,10}$/), {
    minLength: 1,
    maxLength: 8,
    selector: (key) => key.toLowerCase().replace(/[_-]/g, ''),
  })
  .chain((keys) =>
    fc.tuple(
      ...keys.map((key, index) =>
        fc.record({
          id: fc.constant(key),
          title: fc.constant(`Do ${key} ${index}`),
          description: fc.string({ unit: 'grapheme' }),
          type: fc.constantFrom(...taskType.options),
          complexity: fc.constantFrom(...complexity.options),
          tier: fc.option(fc.constantFrom(...tier.options)),
          tools: fc.subarray(known.tools),
          depends_on: fc.subarray(keys.slice(0, index)),
          acceptance: fc.array(fc.string({ maxLength: 20 }), { maxLength: 3 }),
          verify_command: fc.option(fc.constant('npm test')),
          write_scope: fc.constant(['docs/**']),
          hosts: fc.subarray(['example.com', '*.example.org:8443']),
          artifacts: fc.subarray(['a.md', 'b/c.json', 'images/']),
        }),
      ),
    ),
  )

test('P3 a valid plan comes through unchanged and without repairs', () => {
  fc.assert(
    fc.property(arbitraryPlan, (tasks) => {
      const { document, repairs } = good(parsePlan(answer(tasks), known))
      expect(repairs).toEqual([])
      expect(document.tasks).toEqual(tasks.map(({ id, ...rest }) => ({ ...rest, key: id })))
      expect(checkPlan(document, known).problems).toEqual([])
    }),
  )
})

test('P3 any JSON and any text has an outcome, and what is accepted has no problems', () => {
  const tasks = fc.array(
    fc.dictionary(
      fc.constantFrom('id', 'title', 'description', 'type', 'depends_on', 'tools', 'artifacts', 'x'),
      fc.jsonValue(),
    ),
  )
  const text = fc.oneof(
    fc.json(),
    fc.string(),
    tasks.map((list) => answer(list)),
    fc.jsonValue().map((value) => answer(value)),
  )
  fc.assert(fc.property(text, (any) => holds(parsePlan(any, known))))
})

test('P3 a mutated plan has an outcome, and what is accepted has no problems', () => {
  const mutation = fc.tuple(fc.nat(2_000), fc.nat(12), fc.string({ maxLength: 8 }))
  fc.assert(
    fc.property(arbitraryPlan, fc.array(mutation, { minLength: 1, maxLength: 4 }), (tasks, mutations) => {
      let text = answer(tasks)
      for (const [at, removed, added] of mutations) {
        const place = at % text.length
        text = text.slice(0, place) + added + text.slice(place + removed)
      }
      holds(parsePlan(text, known))
    }),
  )
})

test('P3 members of a good plan replaced by any value have an outcome', () => {
  const members = fc.constantFrom('id', 'title', 'type', 'tier', 'tools', 'depends_on', 'acceptance', 'artifacts')
  fc.assert(
    fc.property(arbitraryPlan, members, fc.jsonValue(), (tasks, member, value) => {
      const changed = tasks.map((each, index) => (index === 0 ? { ...each, [member]: value } : each))
      holds(parsePlan(answer(changed), known))
    }),
  )
})

function holds(parsed: ParsedPlan): void {
  if (parsed.ok) expect(checkPlan(parsed.document, known).problems).toEqual([])
  else expect(parsed.problems.every((problem) => problem.message.length > 10)).toBe(true)
}

test('P3 T4 hosts are read as names, also out of a URL; what is none is a problem', () => {
  const reading = (hosts: unknown) => parsePlan(answer([task('a', { hosts })]), known)
  const { document, repairs } = good(reading(['Example.com', 'https://docs.example.org/a?b', '*.example.net:8443']))
  expect(document.tasks[0]?.hosts).toEqual(['example.com', 'docs.example.org', '*.example.net:8443'])
  expect(repairs).toHaveLength(2)
  for (const host of ['*', 'file:///etc', 'a b', '*.com']) expect(reading([host])).toMatchObject({ ok: false })
})
