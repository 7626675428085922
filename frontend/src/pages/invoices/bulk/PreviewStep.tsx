/** The second step: what would happen, the reason where one is asked for, and the button that does it. */

import { Button, Group, Stack, TextInput } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import type { BulkEdit, BulkPreview } from '@/api/bulk-edits'
import { useT } from '@/i18n'
import { ErrorState } from '@/ui/states'
import { PreviewLists } from './PreviewLists'
import { PreviewSummary } from './PreviewSummary'
import { useWordsOf } from './useWordsOf'
import classes from './bulk.module.css'

interface Props {
  edit: BulkEdit
  preview: BulkPreview
  error: Error | null
  isPending: boolean
  onApply(reason: string): void
  onBack(): void
  onClose(): void
}

export function PreviewStep({ edit, preview, error, isPending, onApply, onBack, onClose }: Props) {
  const t = useT()
  const words = useWordsOf(edit)
  const [reason, setReason] = useState(edit.reason)
  const { count } = preview.changed
  const isMissing = edit.needs_reason && !reason.trim()
  const apply = (event: FormEvent) => {
    event.preventDefault()
    if (count > 0 && !isMissing) onApply(reason.trim())
  }
  return (
    <form onSubmit={apply} data-testid="bulk-preview-step">
      <Stack gap="sm">
        <p className={classes.what}>{words}</p>
        <PreviewSummary preview={preview} />
        <PreviewLists edit={edit} preview={preview} />
        <TextInput
          label={edit.needs_reason ? t('Why') : t('Why (optional)')}
          description={
            edit.needs_reason
              ? t('So many lines need a reason. It stands in the history of each line.')
              : t('It stands in the history of each line.')
          }
          required={edit.needs_reason}
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          data-autofocus={edit.needs_reason || undefined}
          data-testid="bulk-reason"
        />
        {error && <ErrorState error={error} />}
        <Group justify="flex-end" className={classes.actions}>
          <Button variant="subtle" color="gray" onClick={onBack} data-testid="bulk-back">
            {t('Change something else')}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t('Cancel')}
          </Button>
          <Button
            type="submit"
            loading={isPending}
            disabled={count === 0 || isMissing}
            data-testid="bulk-apply"
          >
            {count === 0
              ? t('Nothing to change')
              : t('Change {count, plural, one {# line} other {# lines}}', { count })}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
