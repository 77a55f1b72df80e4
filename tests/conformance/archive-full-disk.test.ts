import { randomBytes } from 'node:crypto'
import { createReadStream, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { newProject } from '../../src-contract/project.ts'
import { type CoreBench, coreBench, must } from '../support/core-bench.ts'
import { eventually } from '../support/eventually.ts'
import { smallDisk, whyNoSmallDisk } from '../support/small-disk.ts'

const why = whyNoSmallDisk()

/** A core on a disk of so many megabytes. */
async function smallBench(megabytes: number): Promise<CoreBench> {
  const disk = smallDisk(megabytes)
  const tmp = process.env['TMPDIR']
  process.env['TMPDIR'] = disk.folder
  onTestFinished(() => {
    disk.unmount()
  })
  try {
    return await coreBench()
  } finally {
    if (tmp === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = tmp
  }
}

/** A project with one file that no compression makes smaller. */
async function withFile(bench: CoreBench, megabytes: number): Promise<string> {
  const project = must(await bench.core.projects.create(newProject.parse({ requirements: 'Keep a file' })))
  writeFileSync(join(project.workspace, 'large.bin'), randomBytes(megabytes * 1_000_000))
  return project.id
}

const namesIn = (bench: CoreBench, folder: string): string[] => readdirSync(join(bench.data_dir, folder))

describe.skipIf(why !== null)(`on a disk that is too small${why === null ? '' : ` (skipped: ${why})`}`, () => {
  test('D3 D4 an import that does not fit is refused in words, leaves nothing, and a smaller one still fits', async () => {
    const large = await coreBench()
    const kept = mkdtempSync(join(tmpdir(), 'baton-archive-'))
    onTestFinished(() => rmSync(kept, { recursive: true, force: true }))
    const archive = async (megabytes: number): Promise<string> => {
      const path = join(kept, String(megabytes))
      const made = must(await large.core.archives.download(await withFile(large, megabytes)))
      writeFileSync(path, await buffer(made.content))
      return path
    }
    const small = await smallBench(24)
    const refused = await small.core.archives.import(createReadStream(await archive(40)))
    expect(refused).toMatchObject({
      ok: false,
      error: { code: 'unavailable', message: expect.stringMatching(/^Nothing was imported\. .*(space|full)/i) },
    })
    expect(small.core.projects.list({ limit: 10 }).items).toEqual([])
    expect(namesIn(small, 'imports')).toEqual([])
    // Where the database met the full disk as well, it has to see first that there is room again.
    await eventually('a disk that takes changes', () => small.core.system.status().storage === null)
    const fits = must(await small.core.archives.import(createReadStream(await archive(2))))
    expect(readdirSync(fits.workspace)).toEqual(['large.bin'])
  })

  test('D3 D4 an export that does not fit is refused in words and leaves nothing', async () => {
    const small = await smallBench(24)
    const refused = await small.core.archives.export(await withFile(small, 14))
    expect(refused).toMatchObject({
      ok: false,
      error: { code: 'unavailable', message: expect.stringMatching(/^The project was not exported: .*free space/) },
    })
    expect(namesIn(small, 'exports')).toEqual([])
  })
})
