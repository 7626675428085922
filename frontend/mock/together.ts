/** Bulk edits by ids, done as soon as they are asked for. */

import { http, HttpResponse } from 'msw'
import { edit } from './lines.ts'
import { tally, type World } from './world.ts'

interface Change {
  kind: 'set' | 'clear'
  field: string
  value: unknown
  fields: string[]
}

interface BulkEdit {
  id: string
  status: 'ready' | 'applied'
  line_ids: string[]
  changes: Change[]
}

function valuesOf(changes: Change[]): Record<string, unknown> {
  return Object.fromEntries(
    changes.flatMap((change) =>
      change.kind === 'set'
        ? [[change.field, change.value]]
        : change.fields.map((field): [string, unknown] => [field, null]),
    ),
  )
}

export function togetherHandlers(world: World) {
  const edits = new Map<string, BulkEdit>()
  const describe = ({ id, status, line_ids }: BulkEdit) =>
    HttpResponse.json({
      id,
      status,
      needs_reason: false,
      error: '',
      preview: { changed: { ...tally([]), count: line_ids.length }, skipped: [] },
    })
  return [
    http.post('*/api/v1/bulk-edits', async ({ request }) => {
      const body = (await request.json()) as { scope: { line_ids?: string[] }; changes: Change[] }
      const id = `bulk-${edits.size}`
      edits.set(id, { id, status: 'ready', line_ids: body.scope.line_ids ?? [], changes: body.changes })
      return describe(edits.get(id)!)
    }),
    http.post('*/api/v1/bulk-edits/:id/apply', ({ params }) => {
      const bulk = edits.get(String(params.id))!
      const wanted = new Set(bulk.line_ids)
      for (const line of [...world.lines.values()].flat()) {
        if (wanted.has(line.id)) edit(line, valuesOf(bulk.changes))
      }
      bulk.status = 'applied'
      return describe(bulk)
    }),
  ]
}
