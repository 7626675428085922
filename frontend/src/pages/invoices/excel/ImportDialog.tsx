/** An edited file comes back: chosen, read, previewed with what was refused, applied, undone. */

import { Button, FileInput, Group, Progress, Stack } from '@mantine/core'
import { useState } from 'react'
import { isAtWork, useBulkEdit } from '@/api/bulk-edits'
import { asEditedFile, useImportFile } from '@/api/line-files'
import { formatCount, formatPeriod } from '@/format'
import { useT } from '@/i18n'
import { Dialog } from '@/ui/Dialog'
import { ErrorState } from '@/ui/states'
import classes from './excel.module.css'
import { FoundStep } from './FoundStep'

const ACCEPTED = '.xlsx,.csv'

export function ImportDialog({ period, onClose }: { period: string; onClose(): void }) {
  const t = useT()
  const [id, setId] = useState<string>()
  const { data: edit, error } = useBulkEdit(id)
  return (
    <Dialog title={t('Import lines of {month}', { month: formatPeriod(period) })} size="lg" onClose={onClose}>
      {error && <ErrorState error={error} />}
      {!id && <ChooseStep period={period} onSent={setId} onClose={onClose} />}
      {id && (!edit || isAtWork(edit)) && (
        <div className={classes.working} aria-live="polite" data-testid="import-working">
          <span>
            {edit?.file?.is_read === false
              ? t('Reading the file: {rows} rows so far', { rows: formatCount(edit.done) })
              : t('{done} lines done', { done: formatCount(edit?.done ?? 0) })}
          </span>
          <Progress value={100} animated aria-label={t('Progress')} />
        </div>
      )}
      {edit && !isAtWork(edit) && (
        <FoundStep edit={edit} onAgain={() => setId(undefined)} onClose={onClose} />
      )}
    </Dialog>
  )
}

interface ChooseProps {
  period: string
  onSent(id: string): void
  onClose(): void
}

function ChooseStep({ period, onSent, onClose }: ChooseProps) {
  const t = useT()
  const [file, setFile] = useState<File | null>(null)
  const send = useImportFile(period)
  return (
    <Stack gap="sm">
      <p className={classes.lead}>
        {t(
          'Choose a file that was exported here and edited. Nothing changes before you have seen what it would change. Marked columns can be edited; an emptied cell takes an edit back; leave the columns Line and Version as they are.',
        )}
      </p>
      <FileInput
        label={t('Excel workbook or CSV file')}
        placeholder={t('Choose a file')}
        accept={ACCEPTED}
        value={file}
        onChange={setFile}
        clearable
        data-testid="import-choose"
      />
      {send.error && <ErrorState error={send.error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {t('Cancel')}
        </Button>
        <Button
          disabled={!file}
          loading={send.isPending}
          onClick={() => file && send.mutate(asEditedFile(file), { onSuccess: (edit) => onSent(edit.id) })}
          data-testid="import-read"
        >
          {t('Read the file')}
        </Button>
      </Group>
    </Stack>
  )
}
