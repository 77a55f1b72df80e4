import type { ComfyuiClient } from './image/comfyui-client.ts'
import type { TemplateFolder } from './image/template-folder.ts'
import type { SearchKnowledge } from './knowledge/knowledge-parts.ts'
import type { ModelCatalog } from './model/catalog.ts'
import type { Reach } from './network/reach.ts'
import type { Sandbox } from './sandbox/sandbox.ts'
import type { SettingsStore } from './store/settings-store.ts'
import { askUser } from './tool/ask-user.ts'
import { editFile } from './tool/edit-file.ts'
import { createFetchUrl } from './tool/fetch-url.ts'
import { createGenerateImage } from './tool/generate-image.ts'
import { listFiles } from './tool/list-files.ts'
import { createLocalLlm } from './tool/local-llm.ts'
import { readFile } from './tool/read-file.ts'
import { createRunCommand } from './tool/run-command.ts'
import { searchFiles } from './tool/search-files.ts'
import { createLookupType, createSearchKnowledge } from './tool/search-knowledge.ts'
import type { Tool } from './tool/tool.ts'
import { writeFile } from './tool/write-file.ts'

const NO_LOCAL_MODEL = 'There is no local model on this machine. Start Ollama and pull one.'

export interface ToolWiring {
  readonly comfyui: ComfyuiClient
  readonly templates: TemplateFolder
  readonly settings: SettingsStore
  readonly sandbox: Sandbox
  readonly reach: Reach
  readonly catalog: ModelCatalog
  /** Not called before there is a run. */
  readonly search: SearchKnowledge['search']
}

/** The tools that Baton brings itself (T2). */
export function wireTools({ comfyui, templates, settings, sandbox, reach, catalog, search }: ToolWiring): Tool[] {
  const stallMs = () => settings.settings().image_stall_ms
  const hasLocalModel = () => catalog.list().some((profile) => !profile.paid && profile.provider !== 'demo')
  return [
    readFile,
    writeFile,
    editFile,
    listFiles,
    searchFiles,
    createGenerateImage({ client: comfyui, templates, stallMs }),
    createRunCommand(sandbox),
    askUser,
    createFetchUrl(reach),
    createSearchKnowledge(search),
    createLookupType(search),
    createLocalLlm(() => (hasLocalModel() ? null : NO_LOCAL_MODEL)),
  ] as Tool[]
}
