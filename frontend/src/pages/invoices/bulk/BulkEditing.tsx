/** The bulk edit button with its key, the list of recent ones, and the word when one is done, with a way back. */

import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { History, ListChecks } from 'lucide-react'
import { useCallback, useEffect, useState, type RefObject } from 'react'
import {
  editableFieldsQuery,
  isAtWork,
  useBulkEdit,
  useRedoBulkEdit,
  useUndoBulkEdit,
  type BulkEdit,
} from '@/api/bulk-edits'
import type { LineFilter } from '@/api/lines'
import { mayWork, meQuery } from '@/api/session'
import { useT } from '@/i18n'
import { tell, tellProblem } from '@/ui/notice'
import { offer } from '@/ui/offer'
import { BulkDialog } from './BulkDialog'
import { RecentEdits } from './RecentEdits'
import type { LineSelection } from './scope'

interface Props {
  filter: LineFilter
  matching: number | undefined
  selection: RefObject<LineSelection | undefined>
}

export function BulkEditing({ filter, matching, selection }: Props) {
  const t = useT()
  const { data: me } = useQuery(meQuery)
  const [selected, setSelected] = useState<LineSelection>()
  const [isOpen, setOpen] = useState(false)
  const [isListing, setListing] = useState(false)
  const [followed, setFollowed] = useState<string[]>([])
  const may = mayWork(me)
  useQuery({ ...editableFieldsQuery, enabled: may }) // so that the dialog opens with its form
  const open = () => {
    setSelected(selection.current)
    setOpen(true)
  }
  useHotkeys([['mod+B', () => may && open()]])
  const close = useCallback(() => setOpen(false), [])
  const follow = useCallback((id: string) => setFollowed((ids) => [...new Set([...ids, id])]), [])
  const forget = useCallback((id: string) => setFollowed((ids) => ids.filter((each) => each !== id)), [])
  // Kept here, because a toast outlives whoever followed the edit.
  const { mutate: undo } = useUndoBulkEdit()
  const { mutate: redo } = useRedoBulkEdit()
  const onUndo = useCallback(
    (id: string) => undo(id, { onSuccess: () => follow(id), onError: tellProblem }),
    [undo, follow],
  )
  const onRedo = useCallback(
    (id: string) => redo(id, { onSuccess: () => follow(id), onError: tellProblem }),
    [redo, follow],
  )
  return (
    <>
      {may && (
        <Tooltip label={t('Change the selected lines, or all that match the filter (Ctrl B)')}>
          <Button
            variant="default"
            size="sm"
            leftSection={<ListChecks size={16} aria-hidden />}
            aria-keyshortcuts="Control+B"
            onClick={open}
            data-testid="bulk-button"
          >
            {t('Bulk edit')}
          </Button>
        </Tooltip>
      )}
      <Tooltip label={t('Recent bulk edits')}>
        <ActionIcon
          size={34}
          variant="default"
          aria-label={t('Recent bulk edits')}
          onClick={() => setListing(true)}
          data-testid="bulk-recent-button"
        >
          <History size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
      {isOpen && (
        <BulkDialog {...{ filter, matching }} selection={selected} onClose={close} onApplying={follow} />
      )}
      {isListing && <RecentEdits mayChange={may} onClose={() => setListing(false)} />}
      {followed.map((id) => (
        <Followed key={id} {...{ id, onUndo, onRedo }} onEnd={forget} />
      ))}
    </>
  )
}

interface FollowedProps {
  id: string
  onUndo(id: string): void
  onRedo(id: string): void
  onEnd(id: string): void
}

/** Follows one to its end and says what came of it. */
function Followed({ id, onUndo, onRedo, onEnd }: FollowedProps) {
  const t = useT()
  const { data: edit } = useBulkEdit(id)
  useEffect(() => {
    if (!edit || isAtWork(edit)) return
    onEnd(id)
    sayWhatCame(
      edit,
      t,
      () => onUndo(id),
      () => onRedo(id),
    )
  }, [edit, id, onEnd, onRedo, onUndo, t])
  return null
}

function sayWhatCame(edit: BulkEdit, t: ReturnType<typeof useT>, undo: () => void, redo: () => void): void {
  const lines = { count: edit.preview?.changed.count ?? 0 }
  if (edit.error && edit.status !== 'stale') {
    tell(edit.status === 'applied' ? t('Not undone') : t('Not changed'), edit.error)
  } else if (edit.status === 'applied') {
    offer(t('{count, plural, one {# line} other {# lines}} changed', lines), '', t('Undo'), undo)
  } else if (edit.status === 'undone') {
    offer(t('{count, plural, one {# line} other {# lines}} changed back', lines), '', t('Redo'), redo)
  }
}
