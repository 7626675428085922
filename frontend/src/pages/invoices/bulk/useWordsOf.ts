/** The changes of a bulk edit as one sentence, with names in place of ids. */

import { useQuery } from '@tanstack/react-query'
import { editableFieldsQuery, type BulkEdit } from '@/api/bulk-edits'
import { agreementTypesQuery } from '@/api/reference'
import { useT } from '@/i18n'
import { changeInWords } from '@/words/bulk'

export function useWordsOf(edit: BulkEdit): string {
  const t = useT()
  const { data: fields = [] } = useQuery(editableFieldsQuery)
  const { data: types = [] } = useQuery(agreementTypesQuery)
  const records = { ...Object.fromEntries(types.map(({ id, name }) => [id, name])), ...edit.preview?.names }
  return edit.changes.map((change) => changeInWords(change, { fields, records }, t)).join('; ')
}
