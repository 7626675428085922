/** Lines as files: where the browser fetches one, and how an edited one is sent back. */

import { infiniteQueryOptions } from '@tanstack/react-query'
import { answer, api, type Schemas } from './client'
import { useIntention } from './intention'
import { filterQuery, orderQuery, type LineFilter, type LineOrder } from './lines'

export type FileFormat = Schemas['FileFormat']
export type RefusedCell = Schemas['RefusedCellItem']

/** The address of a file with all lines that match; the browser fetches it, with the session's cookie. */
export function lineFile(
  filter: LineFilter,
  sort: LineOrder | undefined,
  format: FileFormat,
  hasSheetForEachCurrency = false,
): string {
  const query = new URLSearchParams({ format })
  if (hasSheetForEachCurrency) query.set('a_sheet_for_each_currency', 'true')
  for (const [name, value] of Object.entries({ ...filterQuery(filter), sort: orderQuery(sort) })) {
    for (const each of Array.isArray(value) ? value : [value])
      if (each !== undefined && each !== null) query.append(name, String(each))
  }
  return `/api/v1/invoice-lines/export?${query.toString()}`
}

interface EditedFile {
  /** Name, length and time tell one intention from another; the content itself says nothing as JSON. */
  name: string
  size: number
  changed: number
  file: File
}

export const asEditedFile = (file: File): EditedFile => ({
  name: file.name,
  size: file.size,
  changed: file.lastModified,
  file,
})

export const useImportFile = (period: string) =>
  useIntention({
    send: async (send, { name, file }: EditedFile) => {
      const content = await file.arrayBuffer()
      return answer(
        send.POST('/api/v1/bulk-edits/files', {
          params: { query: { name, period } },
          // The document calls the file a binary string.
          body: content as unknown as string,
          bodySerializer: () => content,
          headers: { 'Content-Type': 'application/octet-stream' },
        }),
      )
    },
  })

export const refusedCellsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['bulk-edits', 'refused-cells', id] as const,
    queryFn: ({ pageParam }) =>
      answer(
        api.GET('/api/v1/bulk-edits/{bulk_edit_id}/refused-cells', {
          params: { path: { bulk_edit_id: id }, query: { limit: 50, cursor: pageParam } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    staleTime: Infinity,
  })
