/** What an edited file would change, or has changed, and which of its cells were refused. */

import { Button, Group, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useApplyBulkEdit, useUndoBulkEdit, type BulkEdit, type BulkPreview } from '@/api/bulk-edits'
import { formatAmounts } from '@/format'
import { useT } from '@/i18n'
import { ErrorState } from '@/ui/states'
import classes from './excel.module.css'
import { RefusedCells } from './RefusedCells'

interface Props {
  edit: BulkEdit
  onAgain(): void
  onClose(): void
}

export function FoundStep({ edit, onAgain, onClose }: Props) {
  const t = useT()
  const [reason, setReason] = useState(edit.reason)
  const apply = useApplyBulkEdit()
  const undo = useUndoBulkEdit()
  const error = apply.error ?? undo.error
  const count = edit.preview?.changed.count ?? 0
  const isReady = edit.status === 'ready'
  return (
    <Stack gap="sm" data-testid="import-found" data-status={edit.status}>
      {edit.error && <p className={classes.lead}>{edit.error}</p>}
      {edit.preview && <Summary status={edit.status} preview={edit.preview} />}
      {edit.file && edit.file.refused > 0 && <RefusedCells id={edit.id} counted={edit.file.refused} />}
      {isReady && count > 0 && (
        <TextInput
          label={edit.needs_reason ? t('Why') : t('Why (optional)')}
          required={edit.needs_reason}
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          data-testid="import-reason"
        />
      )}
      {error && <ErrorState error={error} />}
      <Group justify="flex-end">
        {edit.status !== 'applied' && (
          <Button variant="subtle" color="gray" onClick={onAgain}>
            {t('Choose another file')}
          </Button>
        )}
        {edit.status === 'applied' && (
          <Button
            variant="default"
            loading={undo.isPending}
            onClick={() => undo.mutate(edit.id)}
            data-testid="import-undo"
          >
            {t('Undo')}
          </Button>
        )}
        <Button variant={isReady ? 'default' : 'filled'} onClick={onClose}>
          {isReady ? t('Cancel') : t('Close')}
        </Button>
        {isReady && (
          <Button
            loading={apply.isPending}
            disabled={count === 0 || (edit.needs_reason && !reason.trim())}
            onClick={() => apply.mutate({ id: edit.id, reason: reason.trim() })}
            data-testid="import-apply"
          >
            {count === 0
              ? t('Nothing to change')
              : t('Change {count, plural, one {# line} other {# lines}}', { count })}
          </Button>
        )}
      </Group>
    </Stack>
  )
}

function Summary({ status, preview }: { status: BulkEdit['status']; preview: BulkPreview }) {
  const t = useT()
  const { changed, customers, skipped } = preview
  const values = { count: changed.count, customers, money: formatAmounts(changed.amounts) }
  const words = {
    applied: t(
      '{count, plural, one {# line} other {# lines}} of {customers, plural, one {# customer} other {# customers}} changed: {money}.',
      values,
    ),
    undone: t('{count, plural, one {# line} other {# lines}} changed back: {money}.', values),
  }
  return (
    <>
      <p className={classes.lead} data-testid="import-summary">
        <strong>
          {status === 'applied' || status === 'undone'
            ? words[status]
            : t(
                '{count, plural, one {# line} other {# lines}} of {customers, plural, one {# customer} other {# customers}} would change: {money}.',
                values,
              )}
        </strong>
      </p>
      {status === 'ready' && (
        <p className={classes.note}>
          {t('Expected to be billed for them: {before} now, {after} afterwards.', {
            before: formatAmounts(preview.will_bill_before) || '–',
            after: formatAmounts(preview.will_bill_after) || '–',
          })}
        </p>
      )}
      {skipped.map(({ reason, words: why, lines }) => (
        <p key={reason} className={classes.note}>
          {t('{count, plural, one {# line stays} other {# lines stay}} as it is: {why}.', {
            count: lines.count,
            why,
          })}
        </p>
      ))}
    </>
  )
}
