/** The project (under construction). */
export default function ProjectPage({ projectId, taskId }: { projectId: string; taskId: string | null }) {
  return (
    <p>
      {projectId} {taskId}
    </p>
  )
}
