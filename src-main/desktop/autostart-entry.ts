/** Tells a start that it was not asked for by a person: no window, only the tray. */
export const HIDDEN = '--hidden'

/** One word of `Exec` in a desktop entry (freedesktop.org, Desktop Entry Specification, "The Exec key"). */
function quoted(word: string): string {
  const escaped = word.replace(/["`$\\]/g, '\\$&').replaceAll('%', '%%')
  // The value is a string of the entry, in which a backslash is itself escaped.
  return `"${escaped}"`.replaceAll('\\', '\\\\')
}

/** A desktop entry that starts Baton, in the tray, when its owner logs in. `command`: program and arguments. */
export function autostartEntry(command: readonly string[]): string {
  const exec = [...command, HIDDEN].map(quoted).join(' ')
  return `[Desktop Entry]\nType=Application\nName=Baton\nComment=Goes on with its work in the tray\nExec=${exec}\nTerminal=false\nX-GNOME-Autostart-enabled=true\n`
}
