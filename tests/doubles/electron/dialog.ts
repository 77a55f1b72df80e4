import type * as Electron from 'electron'

export interface OpenMessageBox {
  readonly options: Electron.MessageBoxOptions
  /** Presses the button with this index. */
  answer(response: number): void
}

/** Message boxes that wait for a person; a spec answers in his place. */
export const messageBoxes: OpenMessageBox[] = []

/** What error boxes said. */
export const errorBoxes: { title: string; content: string }[] = []

export const dialog = {
  showErrorBox(title: string, content: string): void {
    errorBoxes.push({ title, content })
    process.stderr.write(`${title}\n${content}\n`)
  },
  showMessageBox(options: Electron.MessageBoxOptions): Promise<Electron.MessageBoxReturnValue> {
    return new Promise((resolve) => {
      const box: OpenMessageBox = {
        options,
        answer(response) {
          messageBoxes.splice(messageBoxes.indexOf(box), 1)
          resolve({ response, checkboxChecked: false })
        },
      }
      messageBoxes.push(box)
    })
  },
} satisfies Pick<Electron.Dialog, 'showErrorBox'> & {
  showMessageBox(options: Electron.MessageBoxOptions): Promise<Electron.MessageBoxReturnValue>
}
