/** Two people changed one line: both values, and the choice. */

import { Button, Group, Stack } from '@mantine/core'
import { formatDay } from '@/format'
import { useT } from '@/i18n'
import { Dialog } from '@/ui/Dialog'
import classes from './invoices.module.css'
import type { Conflict } from './useLineEdits'

interface Props {
  conflict: Conflict
  onSettle(decision: 'mine' | 'theirs'): void
}

export function ConflictDialog({ conflict, onSettle }: Props) {
  const t = useT()
  const { current, change } = conflict
  const rows = (
    [
      [t('Charge start'), current.charge_start_date, change.charge_start_date],
      [t('Charge end'), current.charge_end_date, change.charge_end_date],
    ] as const
  ).filter(([, , mine]) => mine !== undefined)
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
              <th scope="col">{t('Date')}</th>
              <th scope="col">{t('Now')}</th>
              <th scope="col">{t('Yours')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, now, mine]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{formatDay(now) || '–'}</td>
                <td>{formatDay(mine) || t('without my edit')}</td>
              </tr>
            ))}
            {typeof change.excluded === 'boolean' && (
              <tr>
                <th scope="row">{t('Excluded')}</th>
                <td>{current.excluded ? t('yes') : t('no')}</td>
                <td>{change.excluded ? t('yes') : t('no')}</td>
              </tr>
            )}
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
