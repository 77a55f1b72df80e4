import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Service } from '#contract/service.ts'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { useServices } from '../client/queries.ts'
import { Lamp } from '../frame/service-light.tsx'
import { Button } from '../parts/button.tsx'
import { toastFault } from '../parts/toast.tsx'
import { serviceTexts } from '../texts/services.ts'
import { providerTexts as texts } from '../texts/settings.ts'

/** How a provider answered last, and a button that asks it now. Asking costs nothing and loads no model. */
export function ProviderTest({ provider, label }: { provider: string; label: string }) {
  const client = useClient()
  const queries = useQueryClient()
  const service = useServices().data?.find((candidate) => candidate.name === provider)
  const test = useMutation({
    mutationFn: () => client.services.check({ name: provider }),
    onSuccess: (checked) => {
      queries.setQueryData<Service[]>(keys.services, (services) =>
        services?.map((other) => (other.name === checked.name ? checked : other)),
      )
      void queries.invalidateQueries({ queryKey: keys.models })
      void queries.invalidateQueries({ queryKey: keys.status })
    },
    onError: toastFault,
  })
  if (service === undefined) return null
  return (
    <div className="flex items-center gap-2">
      <Lamp state={service.state} />
      <p className="min-w-0 flex-1 break-words text-ink-2" aria-live="polite">
        {serviceTexts.states[service.state]}
        {service.detail !== '' && `. ${service.detail}`}
      </p>
      <Button busy={test.isPending} onClick={() => test.mutate()} aria-label={texts.testOf(label)}>
        {texts.test}
      </Button>
    </div>
  )
}
