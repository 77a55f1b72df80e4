/** Whether a file is shown as Markdown, by its name. What reads Markdown is loaded only where one is. */
export function isMarkdownPath(path: string): boolean {
  return /\.(?:md|markdown)$/i.test(path)
}
