import { Fragment, type ReactNode, useMemo } from 'react'
import { useArtifacts, useImage } from '../client/queries.ts'
import { classNames } from '../parts/class-names.ts'
import { isImagePath, urlOf } from '../project/image-view.tsx'
import { fileOf, type MarkdownNode, type MarkdownTag, readMarkdown } from './read-markdown.ts'

interface Place {
  projectId: string
  /** The file that the text is from, to which its addresses are relative. */
  path: string
  /** Opens another file of the project. */
  onOpen: (path: string) => void
}

/**
 * A text in Markdown as elements of this page. Nothing in it leads out of Baton or loads anything from elsewhere (S10): links
 * and images are followed to files of the project, any other address is shown as the words that it is. What is too long or
 * too finely divided is shown as it is written. `keepsLines`: a line that ends in the text ends here too.
 */
export default function Markdown({
  text,
  keepsLines = false,
  ...place
}: Place & { text: string; keepsLines?: boolean }) {
  const nodes = useMemo(() => readMarkdown(text), [text])
  const artifacts = useArtifacts(place.projectId)
  const files = useMemo(() => artifacts.data?.map((file) => file.path) ?? [], [artifacts.data])
  if (nodes === null) return <pre className="font-mono text-xs leading-5 break-words whitespace-pre-wrap">{text}</pre>
  return (
    <div
      className={classNames(
        'flex max-w-3xl flex-col gap-3 leading-6 break-words select-text',
        keepsLines && 'whitespace-pre-line',
      )}
    >
      <Nodes nodes={nodes} place={{ ...place, files }} />
    </div>
  )
}

interface Placed extends Place {
  readonly files: readonly string[]
}

function Nodes({ nodes, place }: { nodes: readonly MarkdownNode[]; place: Placed }) {
  return nodes.map((node, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the same text is the same tree, in the same order
    <Fragment key={index}>{elementOf(node, place)}</Fragment>
  ))
}

function elementOf(node: MarkdownNode, place: Placed): ReactNode {
  switch (node.kind) {
    case 'text':
      return node.text
    case 'break':
      return <br />
    case 'rule':
      return <hr className="my-2 border-line" />
    case 'code':
      if (!node.isBlock) return <code className="rounded bg-sunk px-1 font-mono text-xs">{node.text}</code>
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide line is scrolled by keys too
        <pre tabIndex={0} className="overflow-x-auto rounded border bg-sunk p-3 font-mono text-xs leading-5">
          {node.text}
        </pre>
      )
    case 'image':
      return <LinkedImage {...node} place={place} />
    case 'link':
      return <Link address={node.address} nodes={node.children} place={place} />
    case 'element':
      return <Element node={node} place={place} />
  }
}

/** The title of the page and that of the file stand above the headings of a text. */
const HEADINGS = {
  h1: { as: 'h4', look: 'text-xl font-semibold' },
  h2: { as: 'h5', look: 'mt-2 text-lg font-semibold' },
  h3: { as: 'h6', look: 'mt-1 text-md font-semibold' },
  h4: { as: 'h6', look: 'font-semibold' },
  h5: { as: 'h6', look: 'font-semibold text-ink-2' },
  h6: { as: 'h6', look: 'text-ink-2' },
} as const

const LOOKS: { readonly [Tag in MarkdownTag]?: string } = {
  blockquote: 'border-l-2 pl-3 text-ink-2',
  ul: 'list-disc pl-6',
  ol: 'list-decimal pl-6',
  table: 'border-collapse text-left',
  th: 'border px-2 py-1 font-medium',
  td: 'border px-2 py-1 align-top',
}

function isHeading(tag: MarkdownTag): tag is keyof typeof HEADINGS {
  return tag in HEADINGS
}

function Element({ node, place }: { node: Extract<MarkdownNode, { kind: 'element' }>; place: Placed }) {
  const { tag, children, start, align } = node
  const inner = <Nodes nodes={children} place={place} />
  if (isHeading(tag)) {
    const { as: Heading, look } = HEADINGS[tag]
    return <Heading className={look}>{inner}</Heading>
  }
  const Tag = tag
  const element = (
    <Tag
      {...(start !== undefined && { start })}
      className={classNames(LOOKS[tag], align === 'right' && 'text-right', align === 'center' && 'text-center')}
    >
      {inner}
    </Tag>
  )
  return tag === 'table' ? <div className="overflow-x-auto">{element}</div> : element
}

function Link({ address, nodes, place }: { address: string; nodes: readonly MarkdownNode[]; place: Placed }) {
  const file = fileOf(address, place.path, place.files)
  const words = <Nodes nodes={nodes} place={place} />
  if (file === null) {
    return (
      <>
        {words} <Address text={address} />
      </>
    )
  }
  return (
    <button type="button" title={file} onClick={() => place.onOpen(file)} className="text-accent hover:underline">
      {words}
    </button>
  )
}

function LinkedImage({ address, alt, place }: { address: string; alt: string; place: Placed }) {
  const file = fileOf(address, place.path, place.files)
  if (file !== null && isImagePath(file)) return <OwnImage projectId={place.projectId} path={file} alt={alt} />
  return (
    <>
      {alt} <Address text={address} />
    </>
  )
}

function OwnImage({ projectId, path, alt }: { projectId: string; path: string; alt: string }) {
  const { data } = useImage(projectId, path)
  if (data === undefined) return alt
  return <img src={urlOf(data)} alt={alt === '' ? path : alt} className="inline-block max-h-96 max-w-full" />
}

function Address({ text }: { text: string }) {
  return <span className="font-mono text-xs text-ink-3">({text})</span>
}
