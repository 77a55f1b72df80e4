import { type ComponentType, useEffect, useState } from 'react'
import { SkeletonRows } from '../parts/notes.tsx'

type Load<Props> = () => Promise<{ default: ComponentType<Props> }>

/** Pages whose code is there. */
const loaded = new WeakMap<object, unknown>()

/**
 * A page whose code comes when it is opened first, drawn as soon as that is there. (What stands in for a `lazy` one of React's
 * is kept for at least 300 ms.)
 */
export function LatePage<Props extends object>({ load, given }: { load: Load<Props>; given: Props }) {
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
  return Page === undefined ? <SkeletonRows /> : <Page {...given} />
}
