import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freeOn, nvidiaCards, parseCards } from './nvidia-smi.ts'

const MIB = 1_048_576
const TWO = '0, NVIDIA GeForce RTX 4090, 24564, 8192\n1, NVIDIA RTX A2000, 6138, 1024\n'

/** A folder for `PATH` whose `nvidia-smi` does this. */
function pathWith(script: string): string {
  const path = mkdtempSync(join(tmpdir(), 'nvidia-'))
  writeFileSync(join(path, 'nvidia-smi'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(path, 'nvidia-smi'), 0o755)
  return path
}

test('H3 E7 reads each card with its memory, and adds what is free on those that are meant', async () => {
  const read = nvidiaCards(pathWith(`printf '${TWO.replaceAll('\n', '\\n')}'`))
  expect(await read()).toEqual([
    { index: 0, name: 'NVIDIA GeForce RTX 4090', total_bytes: 24_564 * MIB, free_bytes: 8_192 * MIB },
    { index: 1, name: 'NVIDIA RTX A2000', total_bytes: 6_138 * MIB, free_bytes: 1_024 * MIB },
  ])
  expect(await freeOn(read, () => null)()).toBe(9_216 * MIB)
  expect(await freeOn(read, () => [1])()).toBe(1_024 * MIB)
  expect(await freeOn(read, () => [1, 2])()).toBeNull()
})

test.each([
  ['nothing', ''],
  ['memory that is not told', '0, NVIDIA GB10, [N/A], [N/A]\n'],
  ['an error as text', 'NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver.\n'],
  ['one line of two that is cut', `${TWO}2, NVIDIA`],
])('H3 knows nothing where %s is said', (_name, text) => {
  expect(parseCards(text)).toBeNull()
})

test('H3 a machine without the tool, or without a card, is asked once', async () => {
  expect(await nvidiaCards('')()).toBeNull()
  expect(await nvidiaCards(tmpdir())()).toBeNull()
  const path = pathWith('echo x >> "$0.calls"; echo "No devices were found"; exit 6')
  const read = nvidiaCards(path)
  expect([await read(), await read()]).toEqual([null, null])
  const { readFileSync } = await import('node:fs')
  expect(readFileSync(join(path, 'nvidia-smi.calls'), 'utf8')).toBe('x\n')
})
