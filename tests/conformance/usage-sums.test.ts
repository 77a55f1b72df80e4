import { expect, test } from 'vitest'
import { createBaton } from '../support/baton-process.ts'
import { callsOnManyDays } from '../support/calls-on-many-days.ts'
import { cleanup } from '../support/cleanup.ts'

test('B5 X2 baton usage says that it lists the newest 500 days only, and how many there are', async () => {
  const baton = createBaton()
  cleanup(() => baton.close())
  expect((await baton.run(['usage'])).stderr).toContain('Nothing was used yet.')
  callsOnManyDays(baton.data_dir, 500)
  expect((await baton.run(['usage'])).stderr).not.toContain('500')
  callsOnManyDays(baton.data_dir, 1_203)
  const table = await baton.run(['usage'])
  expect(table.stdout.match(/^\s*\d{4}-\d\d-\d\d\s/gm)).toHaveLength(500)
  expect(table.stderr).toContain('The newest 500 of 1,203 days are listed; the total is of all.')
  expect((await baton.run(['usage', '--by', 'month'])).stderr).not.toContain('are listed')
  expect(JSON.parse((await baton.run(['usage', '--json'])).stdout)).toMatchObject({
    row_count: 1_203,
    total: { calls: 1_703 },
  })
})
