import { useWebhooks } from '../client/queries.ts'
import { FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { Section } from '../parts/page.tsx'
import { webhookTexts as texts } from '../texts/webhooks.ts'
import { NewWebhook } from './new-webhook.tsx'
import { WebhookItem } from './webhook-item.tsx'
import { WebhookSecrets } from './webhook-secrets.tsx'

/** Whom Baton tells what happens, and by what it knows who reports to it (A5). */
export function WebhookSettings() {
  const webhooks = useWebhooks()
  return (
    <div className="flex flex-col gap-10">
      <Section title={texts.title} hint={texts.hint}>
        <NewWebhook />
        {webhooks.error !== null ? (
          <FaultNote error={webhooks.error} retry={() => void webhooks.refetch()} />
        ) : webhooks.data === undefined ? (
          <SkeletonRows rows={2} />
        ) : webhooks.data.length === 0 ? (
          <p className="text-ink-2">{texts.empty}</p>
        ) : (
          <ul className="divide-y rounded border bg-surface">
            {webhooks.data.map((hook) => (
              <WebhookItem key={hook.id} hook={hook} />
            ))}
          </ul>
        )}
      </Section>
      <WebhookSecrets />
    </div>
  )
}
