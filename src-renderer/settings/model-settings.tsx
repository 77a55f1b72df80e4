import { Boxes, Pencil, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { ModelProfile, ModelProfileStatus } from '#contract/model.ts'
import { useModels } from '../client/queries.ts'
import { Button, IconButton } from '../parts/button.tsx'
import { Chip } from '../parts/chip.tsx'
import { ConfirmDialog } from '../parts/dialog.tsx'
import { Switch } from '../parts/field.tsx'
import { EmptyState, FaultNote, SkeletonRows } from '../parts/notes.tsx'
import { Section } from '../parts/page.tsx'
import { Table, Td, Th } from '../parts/table.tsx'
import { number } from '../texts/figures.ts'
import { settingsTexts, modelTexts as texts } from '../texts/settings.ts'
import { ModelDialog } from './model-dialog.tsx'
import { newProfile, profileOf, useModelChanges } from './use-model-changes.ts'

/** Models that tasks can be sent to, with what is known of each now. */
export function ModelSettings() {
  const models = useModels()
  const changes = useModelChanges()
  const [editing, setEditing] = useState<{ profile: ModelProfile; isNew: boolean } | null>(null)
  const [removing, setRemoving] = useState<ModelProfileStatus | null>(null)
  const add = (
    <Button icon={<Plus size={14} />} onClick={() => setEditing({ profile: newProfile(), isNew: true })}>
      {texts.add}
    </Button>
  )
  return (
    <Section title={settingsTexts.sections.models} hint={texts.hint}>
      {models.error !== null ? (
        <FaultNote error={models.error} retry={() => void models.refetch()} />
      ) : models.data === undefined ? (
        <SkeletonRows />
      ) : models.data.length === 0 ? (
        <EmptyState icon={<Boxes size={28} strokeWidth={1.5} />} title={texts.empty} action={add}>
          {texts.emptyHint}
        </EmptyState>
      ) : (
        <>
          <ModelTable
            models={models.data}
            onSwitch={(model, enabled) => changes.put.mutate({ ...profileOf(model), enabled })}
            onEdit={(model) => setEditing({ profile: profileOf(model), isNew: false })}
            onRemove={setRemoving}
          />
          <div>{add}</div>
        </>
      )}
      {editing !== null && (
        <ModelDialog
          profile={editing.profile}
          isNew={editing.isNew}
          taken={models.data?.map((model) => model.name) ?? []}
          busy={changes.put.isPending}
          onClose={() => setEditing(null)}
          onSave={(profile) => changes.put.mutate(profile, { onSuccess: () => setEditing(null) })}
        />
      )}
      <ConfirmDialog
        open={removing !== null}
        title={texts.removeTitle}
        action={texts.remove(removing?.display_name ?? '')}
        busy={changes.remove.isPending}
        onClose={() => setRemoving(null)}
        onConfirm={() =>
          removing !== null && changes.remove.mutate(removing.name, { onSettled: () => setRemoving(null) })
        }
      >
        {texts.removeWhy(removing?.display_name ?? '')}
      </ConfirmDialog>
    </Section>
  )
}

function ModelTable({
  models,
  onSwitch,
  onEdit,
  onRemove,
}: {
  models: readonly ModelProfileStatus[]
  onSwitch: (model: ModelProfileStatus, enabled: boolean) => void
  onEdit: (model: ModelProfileStatus) => void
  onRemove: (model: ModelProfileStatus) => void
}) {
  return (
    <div className="overflow-hidden rounded border bg-surface [&_tr:last-child_td]:border-b-0">
      <Table>
        <thead>
          <tr>
            <Th>{texts.columns.model}</Th>
            <Th>{texts.columns.tiers}</Th>
            <Th numeric>{texts.columns.rank}</Th>
            <Th numeric>{texts.columns.parallel}</Th>
            <Th numeric>{texts.columns.window}</Th>
            <Th>{texts.columns.state}</Th>
            <Th className="w-16" aria-label="Actions" />
          </tr>
        </thead>
        <tbody>
          {models.map((model) => (
            <tr key={model.name}>
              <Td className="py-2">
                <Switch
                  label={model.display_name}
                  hint={
                    <>
                      {texts.providers[model.provider]} · <span className="font-mono break-words">{model.model}</span>
                    </>
                  }
                  checked={model.enabled}
                  onChange={(enabled) => onSwitch(model, enabled)}
                />
              </Td>
              <Td>
                <span className="flex gap-1">
                  {model.tiers.map((tier) => (
                    <Chip key={tier} tone={model.paid ? 'paid' : 'local'}>
                      {tier}
                    </Chip>
                  ))}
                </span>
              </Td>
              <Td numeric>{model.rank}</Td>
              <Td numeric>{model.max_concurrent}</Td>
              <Td numeric>{number(model.context_tokens)}</Td>
              <Td className="max-w-64 py-2">
                {model.available ? (
                  <span className="text-good">{texts.available}</span>
                ) : (
                  <span className="text-ink-2">{model.enabled ? model.reason : texts.off}</span>
                )}
              </Td>
              <Td className="whitespace-nowrap">
                <IconButton
                  label={texts.edit(model.display_name)}
                  icon={<Pencil size={14} />}
                  onClick={() => onEdit(model)}
                />
                <IconButton
                  label={texts.remove(model.display_name)}
                  icon={<Trash2 size={14} />}
                  onClick={() => onRemove(model)}
                />
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  )
}
