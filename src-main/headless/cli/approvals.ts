import { type Approval, type ApprovalScope, questionOf } from '#contract/approval.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { print, printJson, say } from './output.ts'
import { createPaint } from './paint.ts'
import { printable } from './printable.ts'
import { withClient } from './session.ts'

export interface ApprovalFlags {
  readonly allow?: string
  readonly deny?: string
  readonly answer?: string
  readonly for?: ApprovalScope
  readonly note?: string
  readonly json?: boolean
}

/** `baton approvals`: what waits for an answer, word by word; or answers one (T5). */
export function approvals(flags: ApprovalFlags): Promise<ExitCode> {
  return withClient({}, async ({ api }) => {
    const id = flags.allow ?? flags.answer ?? flags.deny
    if (id !== undefined) {
      const decision = flags.deny === undefined ? 'allow' : 'deny'
      const decided = await api.approvals.decide({
        id,
        decision,
        remember: flags.for ?? 'once',
        note: flags.note ?? '',
      })
      if (flags.json) printJson(decided)
      else say(`${decided.id} is ${decided.kind === 'question' && decision === 'allow' ? 'answered' : decided.state}.`)
      return EXIT.done
    }
    const { items } = await api.approvals.list({ state: 'open' })
    if (flags.json) {
      for (const approval of items) printJson(approval)
      return EXIT.done
    }
    if (items.length === 0) {
      say('Nothing waits for your approval.')
      return EXIT.done
    }
    const paint = createPaint(process.stdout)
    for (const approval of items) {
      print(`${approval.id}  ${paint.dim(`${approval.project_id} ${approval.task_id ?? ''}`)}  ${approval.reason}`)
      for (const line of effectOf(approval)) print(`    ${printable(line)}`)
    }
    if (items.some(({ kind }) => kind !== 'question'))
      say('Decide with: baton approvals --allow ID [--for task|project], or --deny ID [--note TEXT]')
    if (items.some(({ kind }) => kind === 'question'))
      say('Answer a question with: baton approvals --answer ID --note TEXT, or leave it to the model with --deny ID')
    return EXIT.done
  })
}

/** Everything that the tool is given; a command as the lines that a shell would read, a question as it was asked. */
function effectOf({ kind, tool, arguments: given }: Approval): string[] {
  if (kind === 'question') {
    const { question, options } = questionOf(given)
    return [...question.split('\n'), ...options.map((option) => `- ${option}`)]
  }
  const { command, ...rest } = given
  const lines = typeof command === 'string' ? command.split('\n') : []
  return [...lines, `${tool} ${JSON.stringify(rest)}`]
}
