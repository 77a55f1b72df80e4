import { join } from 'node:path'
import { dialog, Menu, shell } from 'electron'
import { documentFolder } from '#http/installation.ts'
import { menuTemplate } from './menu-template.ts'
import { texts } from './texts.ts'

export interface MenuPlaces {
  readonly data_dir: string
  readonly log_dir: string
  go(place: string): void
}

/** Opens a file or folder with what the system has for it. Only paths that Baton itself made come here. */
async function open(what: string, path: string): Promise<void> {
  const why = await shell.openPath(path)
  if (why !== '') dialog.showErrorBox(texts.notDone, texts.notOpened(what, why))
}

export function setMenu({ data_dir, log_dir, go }: MenuPlaces): void {
  const template = menuTemplate(process.platform, {
    go,
    openGuide: () => void open(texts.guide, join(documentFolder(), 'user-guide.md')),
    openLogs: () => void open(texts.logs, log_dir),
    openData: () => void open(texts.dataFolder, data_dir),
  })
  Menu.setApplicationMenu(Menu.buildFromTemplate(template))
}
