/** Narrowing a mapping list in the browser: it is short enough to hold, so every keystroke answers at once. */

import type { MappingView } from '../searches'

interface Mapped {
  id: string
  name: string
  state: string
}

export function countStates(items: Mapped[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { state } of items) counts[state] = (counts[state] ?? 0) + 1
  return counts
}

/** Lines that wait for a mapping: other lines are held for reasons that mapping does not mend. */
export function linesHeldByOpen(items: (Mapped & { lines_held: number })[]): number {
  const open = items.filter(({ state }) => state === 'unmapped' || state === 'suggested')
  return open.reduce((sum, { lines_held }) => sum + lines_held, 0)
}

/** A link to one row wins over the other filters. */
export function matching<Item extends Mapped>(items: Item[], view: MappingView): Item[] {
  if (view.id) return items.filter(({ id }) => id === view.id)
  const search = view.search?.toLowerCase()
  return items.filter(
    ({ name, state }) =>
      (!view.state || state === view.state) && (!search || name.toLowerCase().includes(search)),
  )
}
