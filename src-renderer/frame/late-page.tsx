import { type ComponentType, type ReactNode, useEffect, useState } from 'react'
import { SkeletonRows } from '../parts/notes.tsx'

type Load<Props> = () => Promise<{ default: ComponentType<Props> }>

/** What is there of them, by what loads it. */
const loaded = new WeakMap<object, unknown>()

/**
 * A page, or a part of one, whose code comes when it is shown first, drawn as soon as that is there. (What stands in for a
 * `lazy` one of React's is kept for at least 300 ms, and one that could not be loaded is never tried again.)
 */
export function LatePage<Props extends object>({
  load,
  given,
  meanwhile = <SkeletonRows />,
}: {
  load: Load<Props>
  given: Props
  meanwhile?: ReactNode
}) {
  const [, setLoaded] = useState(false)
  const [fault, setFault] = useState<{ error: unknown } | null>(null)
  useEffect(() => {
    if (loaded.has(load)) return
    load().then(
      (module) => {
        loaded.set(load, module.default)
        setLoaded(true)
      },
      (error: unknown) => setFault({ error }),
    )
  }, [load])
  if (fault !== null) throw fault.error
  const Page = loaded.get(load) as ComponentType<Props> | undefined
  return Page === undefined ? meanwhile : <Page {...given} />
}
