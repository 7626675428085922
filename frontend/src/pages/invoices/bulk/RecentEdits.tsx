/** Recent bulk edits: what, by whom, when and why; undo, redo, and what the audit trail holds of each. */

import { Button, Drawer } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { ListChecks } from 'lucide-react'
import { bulkEditsQuery } from '@/api/bulk-edits'
import { useT } from '@/i18n'
import { EmptyState, ErrorState, LoadingRows } from '@/ui/states'
import { useReturnFocus } from '@/ui/useReturnFocus'
import classes from './bulk.module.css'
import { RecentEdit } from './RecentEdit'

export function RecentEdits({ mayChange, onClose }: { mayChange: boolean; onClose(): void }) {
  const t = useT()
  useReturnFocus()
  const query = useInfiniteQuery(bulkEditsQuery)
  // One that nobody applied has changed nothing.
  const edits =
    query.data?.pages.flatMap(({ items }) => items).filter((edit) => edit.applied_by !== null) ?? []
  return (
    <Drawer opened onClose={onClose} position="right" size={560} title={t('Recent bulk edits')}>
      <div className={classes.recent} data-testid="bulk-recent">
        {query.error && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
        {query.isPending && <LoadingRows rows={6} />}
        {query.isSuccess && edits.length === 0 && !query.hasNextPage && (
          <EmptyState icon={ListChecks} title={t('No bulk edit yet')}>
            {t('What changes many lines at once is listed here, with a way back until it is sent.')}
          </EmptyState>
        )}
        {edits.map((edit) => (
          <RecentEdit key={edit.id} edit={edit} mayChange={mayChange} />
        ))}
        {query.hasNextPage && (
          <Button
            variant="default"
            size="xs"
            loading={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {t('Show earlier ones')}
          </Button>
        )}
      </div>
    </Drawer>
  )
}
