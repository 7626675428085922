/** One bulk edit in the list of recent ones. */

import { Button, Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import {
  bulkTrailQuery,
  isAtWork,
  useBulkEdit,
  useRedoBulkEdit,
  useUndoBulkEdit,
  type BulkEdit,
} from '@/api/bulk-edits'
import { lineFieldsQuery } from '@/api/lines'
import { organizationsQuery } from '@/api/organizations'
import { meQuery } from '@/api/session'
import { mayLook } from '@/api/undelivered'
import { formatAmounts } from '@/format'
import { useT } from '@/i18n'
import { ErrorState, LoadingRows } from '@/ui/states'
import { StatusBadge } from '@/ui/StatusBadge'
import { When } from '@/ui/When'
import { BULK_STATUSES } from '@/words/bulk'
import classes from './bulk.module.css'
import { filterInWords } from './scope'
import { useWordsOf } from './useWordsOf'
import { Working } from './Working'

export function RecentEdit({ edit: listed, mayChange }: { edit: BulkEdit; mayChange: boolean }) {
  const t = useT()
  const [isFollowed, setFollowed] = useState(isAtWork(listed))
  const { data: followed } = useBulkEdit(isFollowed ? listed.id : undefined)
  const edit = followed ?? listed
  const words = useWordsOf(edit)
  const { data: organizations = [] } = useQuery(organizationsQuery)
  const { data: filterable = [] } = useQuery(lineFieldsQuery)
  const word = BULK_STATUSES[edit.status]
  const { changed, customers } = edit.preview ?? {}
  return (
    <article className={classes.edit} data-testid="bulk-recent-edit" aria-label={words}>
      <div className={classes.editHead}>
        <h3>{words}</h3>
        <StatusBadge tone={word.tone} meaning={t(word.meaning)}>
          {t(word.label)}
        </StatusBadge>
      </div>
      {changed && (
        <p>
          {t(
            '{count, plural, one {# line} other {# lines}} of {customers, plural, one {# customer} other {# customers}}: {money}',
            { count: changed.count, customers: customers ?? 0, money: formatAmounts(changed.amounts) },
          )}
        </p>
      )}
      <p className={classes.soft}>
        {edit.scope.filter
          ? filterInWords(edit.scope.filter, organizations, filterable, t)
          : t('Lines that were selected')}
      </p>
      {edit.reason && <p className={classes.soft}>{t('Why: {reason}', { reason: edit.reason })}</p>}
      <Acts edit={edit} />
      {isAtWork(edit) && <Working edit={edit} />}
      {edit.error && (
        <p role="alert" className={classes.error}>
          {edit.error}
        </p>
      )}
      <Group gap="xs">
        {mayChange && !edit.error && <Turn edit={edit} onTurned={() => setFollowed(true)} />}
        <Trail edit={edit} />
      </Group>
    </article>
  )
}

/** Who did what when, as the bulk edit itself knows it. */
function Acts({ edit }: { edit: BulkEdit }) {
  const t = useT()
  return (
    <p className={classes.soft}>
      {edit.applied_at && (
        <span>
          {t('Applied by {name}', { name: edit.applied_by })} <When at={edit.applied_at} />
        </span>
      )}
      {edit.undone_at && (
        <span>
          {' \u00b7 '}
          {t('Undone by {name}', { name: edit.undone_by })} <When at={edit.undone_at} />
        </span>
      )}
    </p>
  )
}

function Turn({ edit, onTurned }: { edit: BulkEdit; onTurned(): void }) {
  const t = useT()
  const undo = useUndoBulkEdit()
  const redo = useRedoBulkEdit()
  const isApplied = edit.status === 'applied'
  if (!isApplied && edit.status !== 'undone') return null
  const turn = isApplied ? undo : redo
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        loading={turn.isPending}
        onClick={() => turn.mutate(edit.id, { onSuccess: onTurned })}
        data-testid={isApplied ? 'bulk-undo' : 'bulk-redo'}
      >
        {isApplied ? t('Undo') : t('Redo')}
      </Button>
      {turn.error && <ErrorState error={turn.error} />}
    </>
  )
}

/** For those who may inspect the audit trail. */
function Trail({ edit }: { edit: BulkEdit }) {
  const t = useT()
  const { data: me } = useQuery(meQuery)
  const [isOpen, setOpen] = useState(false)
  const trail = useQuery({ ...bulkTrailQuery(edit.id), enabled: isOpen })
  if (!mayLook(me)) return null
  return (
    <>
      <Button
        size="compact-sm"
        variant="subtle"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        data-testid="bulk-trail-button"
      >
        {t('Audit trail')}
      </Button>
      {isOpen && trail.isPending && <LoadingRows rows={2} />}
      {isOpen && trail.error && <ErrorState error={trail.error} />}
      {isOpen && trail.data && (
        <ol className={classes.trail} data-testid="bulk-trail">
          {trail.data.map((entry) => (
            <li key={entry.id}>
              <When at={entry.occurred_at} isExact />{' '}
              {t('{name} changed {count, plural, one {# line} other {# lines}}', {
                name: entry.actor.name,
                count: Number(entry.data.lines ?? 0),
              })}
              {entry.data.is_undo === true && t(' back')}
              <span className={classes.soft}> {t('Entry {position}', { position: entry.position })}</span>
            </li>
          ))}
          {trail.data.length === 0 && <li>{t('Nothing is recorded yet; it takes a moment.')}</li>}
        </ol>
      )}
    </>
  )
}
