import { Globe } from 'lucide-react'
import { useState } from 'react'
import { hostPatterns } from '#contract/host.ts'
import type { Project } from '#contract/project.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Field, TextArea } from '../parts/field.tsx'
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
  const wanted = hostPatterns.safeParse(text.split(/[\s,]+/).filter((line) => line !== ''))
  const save = useProjectCall(
    project.id,
    (client, allowed_hosts: string[]) => client.projects.change({ id: project.id, allowed_hosts }),
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
            onClick={() => wanted.success && save.run(wanted.data)}
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
            rows={6}
            className="font-mono"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      <McpServerList projectId={project.id} />
    </Dialog>
  )
}
