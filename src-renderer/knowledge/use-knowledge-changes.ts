import { useMutation, useQueryClient } from '@tanstack/react-query'
import { MAX_UPLOAD_BYTES } from '#contract/knowledge.ts'
import { useClient } from '../client/connection.tsx'
import { keys } from '../client/keys.ts'
import { toastDone, toastFault } from '../parts/toast.tsx'
import { knowledgeTexts as texts } from '../texts/knowledge.ts'

/** Adds, follows, reads again and takes out what is searched in. */
export function useKnowledgeChanges() {
  const client = useClient()
  const queries = useQueryClient()
  const reread = () => queries.invalidateQueries({ queryKey: keys.knowledge })
  const common = { onError: toastFault, onSettled: reread }
  return {
    add: useMutation({
      mutationFn: (source: { path: string; watched: boolean; project_id: string | null }) =>
        client.knowledge.add(source),
      ...common,
      onSuccess: (source) => toastDone(texts.added(source.name)),
    }),
    upload: useMutation({
      mutationFn: async ({ files, project_id }: { files: readonly File[]; project_id: string | null }) => {
        for (const file of files) {
          if (file.size > MAX_UPLOAD_BYTES) throw new Error(texts.tooLarge(file.name))
          const content = toBase64(new Uint8Array(await file.arrayBuffer()))
          const source = await client.knowledge.upload({ name: file.name, project_id, content })
          toastDone(texts.added(source.name))
        }
      },
      ...common,
    }),
    follow: useMutation({
      mutationFn: (change: { id: string; watched: boolean }) => client.knowledge.change(change),
      ...common,
    }),
    refresh: useMutation({ mutationFn: (id: string) => client.knowledge.refresh({ id }), ...common }),
    remove: useMutation({ mutationFn: (id: string) => client.knowledge.remove({ id }), ...common }),
  }
}

/** In pieces, because a function takes only so many arguments. */
function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192))
  return btoa(text)
}
