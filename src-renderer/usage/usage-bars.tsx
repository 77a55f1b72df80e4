import type { UsageRow } from '#contract/usage.ts'
import { Money, Tokens } from '../parts/figures.tsx'
import { Table, Td, Th } from '../parts/table.tsx'
import { money, number } from '../texts/figures.ts'
import { usageTexts } from '../texts/usage.ts'

const texts = usageTexts.columns
const unsure = (row: UsageRow) => usageTexts.unconfirmedPart(money(row.unconfirmed_micros))

/** Sums as bars in the two inks: what was paid, and what local work saved. All bars share one scale. */
export function UsageBars({ rows, label }: { rows: readonly UsageRow[]; label: string }) {
  // Where no money was spent or saved, the bars tell how much was worked: here, for nothing.
  const isFree = rows.every((row) => row.cost_micros + row.saved_micros === 0)
  const here = (row: UsageRow) => (isFree ? row.input_tokens + row.output_tokens : row.saved_micros)
  const most = Math.max(1, ...rows.map((row) => row.cost_micros + here(row)))
  return (
    <Table aria-label={label}>
      <thead>
        <tr>
          <Th className="w-56">{label}</Th>
          <Th>{isFree ? texts.tokens : texts.bar}</Th>
          <Th numeric className="w-20">
            {texts.calls}
          </Th>
          <Th numeric className="w-28">
            {texts.tokens}
          </Th>
          <Th numeric className="w-24">
            {texts.paid}
          </Th>
          <Th numeric className="w-24">
            {texts.saved}
          </Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.key} className="hover:bg-hover">
            <Td className="max-w-56 truncate" title={row.label}>
              {row.label}
            </Td>
            <Td>
              <span
                role="img"
                aria-label={`${texts.paid} ${money(row.cost_micros)}, ${texts.saved} ${money(row.saved_micros)}`}
                className="flex h-3 gap-px"
              >
                <span
                  className="rounded-sm bg-paid-fill"
                  style={{ width: `${((row.cost_micros - row.unconfirmed_micros) / most) * 100}%` }}
                />
                {row.unconfirmed_micros > 0 && (
                  <span
                    className="hatched rounded-sm text-needs"
                    style={{ width: `${(row.unconfirmed_micros / most) * 100}%` }}
                  />
                )}
                <span className="rounded-sm bg-local-fill" style={{ width: `${(here(row) / most) * 100}%` }} />
              </span>
            </Td>
            <Td numeric>{number(row.calls)}</Td>
            <Td numeric>
              <Tokens count={row.input_tokens + row.output_tokens} />
            </Td>
            <Td numeric>
              <Money micros={row.cost_micros} paid={row.cost_micros > 0} />
              {row.unconfirmed_micros > 0 && (
                <span title={unsure(row)} className="text-needs">
                  {' '}
                  ?
                </span>
              )}
            </Td>
            <Td numeric className="text-local">
              {row.saved_micros > 0 ? money(row.saved_micros) : ''}
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
