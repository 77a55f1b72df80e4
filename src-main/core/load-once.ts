/**
 * `load`, which all who need what it loads share; called anew after it has failed, because what a file could not be read for,
 * such as too many open files, passes.
 */
export function loadOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined
  return () => {
    loading ??= load().catch((fault: unknown) => {
      loading = undefined
      throw fault
    })
    return loading
  }
}
