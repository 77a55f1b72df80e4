import { expect, test } from 'vitest'
import { imageFormat, isWhole } from './image-format.ts'

test('H5 an image is known by its first bytes, and one that was cut is not whole', () => {
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  )
  const format = imageFormat(png)
  expect(format?.media_type).toBe('image/png')
  if (format === null) return
  expect(isWhole(png, format)).toBe(true)
  for (let end = 8; end < png.length; end += 1) expect(isWhole(png.subarray(0, end), format)).toBe(false)
})

test.each([
  ['ffd8ffe000104a464946', 'image/jpeg'],
  ['474946383961', 'image/gif'],
  ['52494646aaaaaaaa57454250', 'image/webp'],
])('H5 %s is %s', (hex, media_type) => {
  expect(imageFormat(Buffer.from(hex, 'hex'))?.media_type).toBe(media_type)
})

test('S10 what can carry code is no image', () => {
  for (const text of ['<svg xmlns="http://www.w3.org/2000/svg"/>', '<html></html>', '', 'GIF', 'RIFFxxxxWAVE'])
    expect(imageFormat(Buffer.from(text))).toBeNull()
})
