import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { useModels, useRouteOutcomes } from '../client/queries.ts'
import { Button } from '../parts/button.tsx'
import { TierChip } from '../parts/chip.tsx'
import { Money } from '../parts/figures.tsx'
import { FaultNote } from '../parts/notes.tsx'
import { Section } from '../parts/page.tsx'
import { Table, Td, Th } from '../parts/table.tsx'
import { toastDone, toastFault } from '../parts/toast.tsx'
import { routeTexts as texts } from '../texts/settings.ts'

/** The verdicts from which learned routing learns, so that a person sees why it goes where it goes. */
export function LearnedTable() {
  const outcomes = useRouteOutcomes()
  const models = useModels()
  const client = useClient()
  const queries = useQueryClient()
  const forget = useMutation({
    mutationFn: () => client.models.forgetOutcomes(),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: keys.routeOutcomes })
      toastDone(texts.forgotten)
    },
    onError: toastFault,
  })
  if (outcomes.error !== null) return <FaultNote error={outcomes.error} retry={() => void outcomes.refetch()} />
  const rows = outcomes.data ?? []
  const isPaid = (profile: string) => models.data?.find(({ name }) => name === profile)?.paid
  return (
    <Section title={texts.learnt} hint={rows.length === 0 ? texts.learntNone : undefined}>
      {rows.length > 0 && (
        <div className="flex max-w-2xl flex-col items-start gap-2">
          <div className="w-full overflow-hidden rounded border bg-surface [&_tr:last-child_td]:border-b-0">
            <Table>
              <thead>
                <tr>
                  <Th>{texts.learntColumns.class}</Th>
                  <Th>{texts.learntColumns.tier}</Th>
                  <Th numeric>{texts.learntColumns.verified}</Th>
                  <Th numeric>{texts.learntColumns.cost}</Th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => {
                  const seen = row.verified + row.refused
                  const paid = isPaid(row.profile)
                  return (
                    <tr key={`${row.type} ${row.complexity} ${row.tier} ${row.profile}`}>
                      <Td>{`${row.complexity} ${row.type}`}</Td>
                      <Td>
                        <TierChip tier={row.tier} profile={row.profile} paid={paid} />
                      </Td>
                      <Td numeric>{texts.ofSeen(row.verified, seen)}</Td>
                      <Td numeric>
                        <Money micros={Math.round(row.cost_micros / seen)} paid={paid ?? row.cost_micros > 0} />
                      </Td>
                    </tr>
                  )
                })}
              </tbody>
            </Table>
          </div>
          <Button small busy={forget.isPending} onClick={() => forget.mutate()}>
            {texts.forget}
          </Button>
        </div>
      )}
    </Section>
  )
}
