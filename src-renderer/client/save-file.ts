/** Has the browser or the desktop keep a file; where, the person decides or has decided. */
export function saveFile(content: Blob, name: string): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // It has taken the content when the click has been handled.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
