import { useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { newWebhook, type Webhook } from '#contract/webhook.ts'
import { keys } from '../client/keys.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { TextField } from '../parts/field.tsx'
import { useCall } from '../project/use-call.ts'
import { webhookTexts as texts } from '../texts/webhooks.ts'

/** Another URL for a webhook. */
export function WebhookUrl({ hook, onClose }: { hook: Webhook; onClose: () => void }) {
  const queries = useQueryClient()
  const formId = useId()
  const [url, setUrl] = useState(hook.url)
  const [tried, setTried] = useState(false)
  const isUrl = newWebhook.shape.url.safeParse(url).success
  const change = useCall(
    (client, given: string) => client.webhooks.change({ id: hook.id, url: given }),
    () => {
      onClose()
      void queries.invalidateQueries({ queryKey: keys.webhooks })
    },
  )
  return (
    <Dialog
      open
      onClose={onClose}
      title={texts.edit}
      footer={
        <>
          <Button onClick={onClose}>{texts.cancel}</Button>
          <Button type="submit" form={formId} variant="primary" busy={change.isBusy} disabled={url === hook.url}>
            {texts.save}
          </Button>
        </>
      }
    >
      <form
        id={formId}
        className="flex flex-col gap-2"
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (isUrl && url !== hook.url) change.run(url)
        }}
      >
        <TextField
          label={texts.url}
          hint={texts.urlHint}
          error={tried && !isUrl ? texts.urlWrong : null}
          inputMode="url"
          value={url}
          onChange={(event) => setUrl(event.target.value.trim())}
        />
        <p className="text-ink-2">{texts.editWhy}</p>
      </form>
    </Dialog>
  )
}
