/** Where the fields of a line come from, and taking back what people decided. */

import { keepPreviousData, queryOptions, useQueryClient } from '@tanstack/react-query'
import { answer, api } from './client'
import { useIntention } from './intention'
import { lineKeys, placeLines, tellOfChangedLines } from './lines'

/** Where each field of a line comes from, as of a version of it. */
export const originsQuery = (id: string, version: number) =>
  queryOptions({
    queryKey: lineKeys.origins(id, version),
    queryFn: () =>
      answer(api.GET('/api/v1/invoice-lines/{line_id}/origins', { params: { path: { line_id: id } } })),
    placeholderData: keepPreviousData,
  })

/** Takes an edit of a line back; what was decided before it is in force again. */
export function useRevertEdit() {
  const client = useQueryClient()
  return useIntention({
    send: (send, { id, editId, version }: { id: string; editId: string; version: number }) =>
      answer(
        send.POST('/api/v1/invoice-lines/{line_id}/history/{edit_id}/revert', {
          params: { path: { line_id: id, edit_id: editId } },
          body: { version },
        }),
      ),
    onSuccess: (line) => {
      placeLines(client, [line])
      tellOfChangedLines(client)
    },
  })
}
