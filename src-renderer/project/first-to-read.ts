const ENTRANCE = /^(index|readme|overview)(\.[^./]+)?$/i

/** Which of a project's files a reader begins with: an index or readme, the nearest to the root; else the first. Null without files. */
export function firstToRead(paths: readonly string[]): string | null {
  const depth = (path: string) => path.split('/').length
  const entrances = paths.filter((path) => ENTRANCE.test(path.slice(path.lastIndexOf('/') + 1)))
  return entrances.toSorted((one, two) => depth(one) - depth(two))[0] ?? paths[0] ?? null
}
