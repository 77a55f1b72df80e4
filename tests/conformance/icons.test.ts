import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { icnsOf, icoOf } from '../../scripts/icon-files.ts'

const icons = join(import.meta.dirname, '..', '..', 'resources', 'icons')

/** Width and height of a PNG, from its header (RFC 2083, 11.2.1). */
function sizeOf(png: Buffer): [number, number] {
  expect(png.subarray(1, 4).toString('latin1')).toBe('PNG')
  return [png.readUInt32BE(16), png.readUInt32BE(20)]
}

test('U4 the tray has an icon for each state, ground and density', () => {
  const names = ['idle', 'running', 'needs-you', 'error'].flatMap((state) =>
    ['-light', '-dark', 'Template'].map((ground) => `${state}${ground}`),
  )
  const files = names.flatMap((name) => [`${name}.png`, `${name}@2x.png`])
  expect(readdirSync(join(icons, 'tray')).sort()).toEqual(files.sort())
  const contents = files.map((file) => readFileSync(join(icons, 'tray', file)))
  for (const [index, file] of files.entries()) {
    const size = file.includes('@2x') ? 32 : 16
    expect(sizeOf(contents[index] ?? Buffer.alloc(0)), file).toEqual([size, size])
  }
  // Each is a drawing of its own.
  expect(new Set(contents.map((content) => content.toString('base64'))).size).toBe(files.length)
})

test('U4 the icons of the application hold their sizes for each system', () => {
  for (const file of readdirSync(join(icons, 'linux'))) {
    const size = Number(/^(\d+)x\1\.png$/.exec(file)?.[1])
    expect(sizeOf(readFileSync(join(icons, 'linux', file)))).toEqual([size, size])
  }
  const ico = readFileSync(join(icons, 'baton.ico'))
  const inIco = Array.from({ length: ico.readUInt16LE(4) }, (_, index) => {
    const at = 6 + index * 16
    const offset = ico.readUInt32LE(at + 12)
    const [width] = sizeOf(ico.subarray(offset, offset + ico.readUInt32LE(at + 8)))
    expect(ico.readUInt8(at)).toBe(width % 256)
    return width
  })
  expect(inIco).toEqual([16, 24, 32, 48, 64, 128, 256])
  const icns = readFileSync(join(icons, 'baton.icns'))
  expect(icns.readUInt32BE(4)).toBe(icns.length)
  const inIcns: [string, number][] = []
  for (let at = 8; at < icns.length; at += icns.readUInt32BE(at + 4)) {
    inIcns.push([icns.toString('latin1', at, at + 4), sizeOf(icns.subarray(at + 8))[0]])
  }
  expect(inIcns).toContainEqual(['ic10', 1_024])
  expect(inIcns).toContainEqual(['ic07', 128])
})

test('U4 a container of no images is still one', () => {
  expect(icoOf([]).length).toBe(6)
  expect(icnsOf([]).readUInt32BE(4)).toBe(8)
})
