import { Globe } from 'lucide-react'
import { useState } from 'react'
import { policy as policySchema, type ToolPolicy } from '#contract/approval.ts'
import { hostPatterns } from '#contract/host.ts'
import type { Project } from '#contract/project.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Field, Select, TextArea } from '../parts/field.tsx'
import { McpServerList } from './mcp-servers.tsx'
import { projectTexts } from './texts.ts'
import { useProjectCall } from './use-call.ts'

/** What a project's work may reach beyond its workspace (T6). */
export function AccessButton({ project }: { project: Project }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button variant="quiet" icon={<Globe size={14} />} onClick={() => setOpen(true)}>
        {projectTexts.access.open}
      </Button>
      {isOpen && <AccessDialog project={project} onClose={() => setOpen(false)} />}
    </>
  )
}

function AccessDialog({ project, onClose }: { project: Project; onClose: () => void }) {
  const texts = projectTexts.access
  const [text, setText] = useState(project.allowed_hosts.join('\n'))
  const [policies, setPolicies] = useState<ToolPolicy>(project.tool_policy)
  const wanted = hostPatterns.safeParse(text.split(/[\s,]+/).filter((line) => line !== ''))
  const save = useProjectCall(
    project.id,
    (client, given: { allowed_hosts: string[]; tool_policy: ToolPolicy }) =>
      client.projects.change({ id: project.id, ...given }),
    onClose,
  )
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={texts.title}
      footer={
        <>
          <Button onClick={onClose}>{texts.discard}</Button>
          <Button
            variant="primary"
            busy={save.isBusy}
            disabled={!wanted.success}
            onClick={() => wanted.success && save.run({ allowed_hosts: wanted.data, tool_policy: policies })}
          >
            {texts.save}
          </Button>
        </>
      }
    >
      <Field label={texts.hosts} hint={texts.hostsHint} error={wanted.success ? null : texts.wrong}>
        {(ids) => (
          <TextArea
            {...ids}
            rows={3}
            className="font-mono"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      <PolicyFields policies={policies} onChange={setPolicies} />
      <McpServerList projectId={project.id} />
    </Dialog>
  )
}

type Risk = keyof typeof projectTexts.access.risks
const RISKS = Object.keys(projectTexts.access.risks) as Risk[]
const CHOICES = ['settings', ...policySchema.options] as const

/** What the tools of a project may do, by their risk (T5). */
function PolicyFields({ policies, onChange }: { policies: ToolPolicy; onChange: (policies: ToolPolicy) => void }) {
  const { policy, policyHint, risks, choices } = projectTexts.access
  return (
    <fieldset className="mt-5 flex flex-col gap-2 pt-2 pb-3">
      <legend className="text-xs font-medium text-ink-2">{policy}</legend>
      {RISKS.map((risk) => (
        <div key={risk} className="flex items-center justify-between gap-4">
          <span>{risks[risk]}</span>
          <Select
            aria-label={risks[risk]}
            className="w-44"
            value={policies[risk] ?? 'settings'}
            options={CHOICES.map((value) => ({ value, label: choices[value] }))}
            onChange={(choice) => {
              const { [risk]: _, ...others } = policies
              onChange(choice === 'settings' ? others : { ...others, [risk]: choice })
            }}
          />
        </div>
      ))}
      <p className="text-xs text-ink-3">{policyHint}</p>
    </fieldset>
  )
}
