import { expect, test } from 'vitest'
import { autostartEntry } from './autostart-entry.ts'

/** Reads the `Exec` of an entry as the Desktop Entry Specification says: the string's escapes first, then the quotes. */
function execOf(entry: string): string[] {
  const line = /^Exec=(.*)$/m.exec(entry)?.[1] ?? ''
  const value = line.replaceAll('\\\\', '\\')
  return [...value.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, word = '']) =>
    word.replace(/\\(.)/g, '$1').replaceAll('%%', '%'),
  )
}

test.each([
  [['/opt/Baton/baton']],
  [['/home/a user/Baton-1.0.AppImage']],
  [['/odd/$HOME/`id`/"quoted"\\back/50%f']],
  [['/usr/bin/electron', '/home/me/baton']],
])('U4 the start at login runs %j, hidden, whatever its letters', (command) => {
  const entry = autostartEntry(command)
  expect(entry.split('\n')[0]).toBe('[Desktop Entry]')
  expect(execOf(entry)).toEqual([...command, '--hidden'])
})
