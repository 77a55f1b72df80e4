import { expect, test } from 'vitest'
import { imageFormat } from './image-format.ts'
import { imageSize } from './image-size.ts'

/** Each seven pixels wide and five high, as ImageMagick writes them. */
const IMAGES: Readonly<Record<string, string>> = {
  PNG: 'iVBORw0KGgoAAAANSUhEUgAAAAcAAAAFAQMAAACzVGSbAAAABlBMVEX/AAD///9BHTQRAAAAC0lEQVQI12NggAEAAAoAAef42voAAAAASUVORK5CYII=',
  GIF: 'R0lGODlhBwAFAPAAAP8AAAAAACH5BAAAAAAALAAAAAAHAAUAAAIFhI+puwUAOw==',
  JPEG: '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQCgwSExIQEw8QEBD/2wBDAQMDAwQDBAgEBAgQCwkLEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBD/wAARCAAFAAcDAREAAhEBAxEB/8QAFAABAAAAAAAAAAAAAAAAAAAACP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/xAAVAQEBAAAAAAAAAAAAAAAAAAAHCf/EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAMAwEAAhEDEQA/ADoDFU3/2Q==',
  'progressive JPEG':
    '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgICAgMCAgIDAwMDBAYEBAQEBAgGBgUGCQgKCgkICQkKDA8MCgsOCwkJDRENDg8QEBEQCgwSExIQEw8QEBD/wgARCAAFAAcDAREAAhEBAxEB/8QAFAABAAAAAAAAAAAAAAAAAAAAB//Z',
  'lossy WebP': 'UklGRjwAAABXRUJQVlA4IDAAAADQAQCdASoHAAUAAgA0JaACdLoB+AADsAD+8MQL/yC5YXXI1/8gP+QH/ID/+PIAAAA=',
  'lossless WebP': 'UklGRhwAAABXRUJQVlA4TA8AAAAvBgABAAcQ/Y/+ByKi/wEA',
  'extended WebP':
    'UklGRmAAAABXRUJQVlA4WAoAAAAQAAAABgAABAAAQUxQSAoAAAABB9C/iAhERP8DVlA4IDAAAADQAQCdASoHAAUAAgA0JaACdLoB+AADsAD+8MQL/yC5YXXI1/8gP+QH/ID/+PIAAAA=',
}

test.each(Object.entries(IMAGES))('P1 the size of a %s is read from its header', (_, base64) => {
  const content = Buffer.from(base64, 'base64')
  const format = imageFormat(content)
  expect(format === null ? null : imageSize(content, format)).toEqual({ width: 7, height: 5 })
})

test.each(Object.entries(IMAGES))('P1 a %s that is cut anywhere has its own size or none', (_, base64) => {
  const content = Buffer.from(base64, 'base64')
  for (let end = 0; end < content.length; end += 1) {
    const cut = content.subarray(0, end)
    const format = imageFormat(cut)
    if (format === null) continue
    expect([null, '7x5']).toContain(sizeWords(imageSize(cut, format)))
  }
})

function sizeWords(size: { width: number; height: number } | null): string | null {
  return size === null ? null : `${size.width}x${size.height}`
}

test('P1 an image of no width or height has no size', () => {
  const gif = Buffer.from(IMAGES['GIF'] ?? '', 'base64')
  gif.writeUInt16LE(0, 6)
  expect(imageSize(gif, { media_type: 'image/gif', extensions: [] })).toBeNull()
})

test('B2 a frame that is larger than the screen of its GIF counts, so that no more is billed than was set aside', () => {
  const gif = Buffer.from(IMAGES['GIF'] ?? '', 'base64')
  const frame = gif.indexOf(Buffer.from([0x2c, 0, 0, 0, 0]))
  gif.writeUInt16LE(2_000, frame + 5)
  gif.writeUInt16LE(300, frame + 3)
  expect(imageSize(gif, { media_type: 'image/gif', extensions: [] })).toEqual({ width: 2_000, height: 305 })
})

test('B2 a JPEG whose marks lead past its frame to a smaller one has no size', () => {
  const jpeg = Buffer.from(IMAGES['JPEG'] ?? '', 'base64')
  for (const marker of [0x00, 0x01, 0xd0, 0xd7, 0xd8, 0xd9]) {
    const planted = Buffer.concat([jpeg.subarray(0, 2), Buffer.from([0xff, marker]), jpeg.subarray(2)])
    expect(imageSize(planted, { media_type: 'image/jpeg', extensions: [] })).toBeNull()
  }
})
