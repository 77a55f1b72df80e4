import { useMutation } from '@tanstack/react-query'
import type { UsageEntry } from '#contract/usage.ts'
import { useClient } from '../client/connection.tsx'
import { toastDone, toastFault } from '../parts/toast.tsx'
import { usageTexts } from '../texts/usage.ts'
import { toCsv } from './usage-csv.ts'

/** Reads every call and saves them as a file. */
export function useSaveCsv() {
  const client = useClient()
  return useMutation({
    mutationFn: async () => {
      const entries: UsageEntry[] = []
      let cursor: string | null = null
      do {
        const page: { items: UsageEntry[]; next_cursor: string | null } = await client.usage.list({
          limit: 500,
          ...(cursor === null ? {} : { cursor }),
        })
        entries.push(...page.items)
        cursor = page.next_cursor
      } while (cursor !== null)
      save(toCsv(entries), usageTexts.csvName)
      return entries.length
    },
    onSuccess: (rows) => toastDone(usageTexts.csvSaved(rows)),
    onError: toastFault,
  })
}

function save(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser has taken the content when the click has been handled.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
