import { type ReactNode, useEffect, useState } from 'react'
import { useMe, useProjects, useSettings } from '../client/queries.ts'
import { navigate } from '../route.ts'

/**
 * Stands before the first page that an address without a place opens: where nothing was ever done and nobody has left the
 * first run for good, that page is the first run's. Whoever comes later by a link or a key sees what he asked for.
 */
export function FirstRunGate({ children }: { children: ReactNode }) {
  const [isStart] = useState(() => /^#?\/?$/.test(location.hash))
  return isStart ? <Deciding>{children}</Deciding> : children
}

function Deciding({ children }: { children: ReactNode }) {
  const me = useMe()
  const settings = useSettings()
  const projects = useProjects()
  const isKnown = me.data !== undefined && settings.data !== undefined && projects.data !== undefined
  const isUnknowable = me.error !== null || settings.error !== null || projects.error !== null
  const isFirst =
    isKnown && me.data.scopes.includes('admin') && !settings.data.first_run_done && projects.data.length === 0
  useEffect(() => {
    if (isFirst) navigate({ page: 'first-run' }, { replace: true })
  }, [isFirst])
  return (isKnown || isUnknowable) && !isFirst ? children : null
}
