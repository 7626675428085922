/** Two people changed one line: both values, and the choice. */

import { Button, Group, Stack } from '@mantine/core'
import { useT } from '@/i18n'
import { Dialog } from '@/ui/Dialog'
import { FIELD_LABELS, showField, showValue, type Field } from './fields'
import classes from './invoices.module.css'
import type { Conflict } from './useLineEdits'

interface Props {
  conflict: Conflict
  onSettle(decision: 'mine' | 'theirs'): void
}

export function ConflictDialog({ conflict, onSettle }: Props) {
  const t = useT()
  const { current, change } = conflict
  const rows = (Object.keys(FIELD_LABELS) as Field[]).filter((field) => change[field] !== undefined)
  return (
    <Dialog onClose={() => onSettle('theirs')} title={t('Somebody changed this line meanwhile')} size="md">
      <Stack gap="md">
        <p className={classes.lead}>
          {t('{subscription} of {organization} is not what it was when you began.', {
            subscription: current.subscription,
            organization: current.organization,
          })}
        </p>
        <table className={classes.dates}>
          <thead>
            <tr>
              <th scope="col">{t('Field')}</th>
              <th scope="col">{t('Now')}</th>
              <th scope="col">{t('Yours')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((field) => (
              <tr key={field}>
                <th scope="row">{t(FIELD_LABELS[field])}</th>
                <td>{showField(current, field) || '–'}</td>
                <td>{showValue(field, change[field]) || t('without my edit')}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <Group justify="flex-end">
          <Button variant="default" onClick={() => onSettle('theirs')} data-testid="conflict-theirs">
            {t('Keep it as it is now')}
          </Button>
          <Button onClick={() => onSettle('mine')} data-testid="conflict-mine">
            {t('Save mine')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  )
}
