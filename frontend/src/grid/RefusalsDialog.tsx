/** The cells that cannot take what was to be written, each with the reason, and what becomes of the others. */

import { Button, Group, Stack } from '@mantine/core'
import { useT } from '@/i18n'
import { Dialog } from '@/ui/Dialog'
import type { Refusal } from './block'
import classes from './grid.module.css'

interface Props {
  title: string
  lead: string
  refusals: Refusal[]
  /** What the person may do, the usual choice first. */
  actions: { label: string; testId: string; run(): void }[]
  onClose(): void
}

/** A person reads some of them; the rest have the same reasons. */
const MOST_SHOWN = 100

export function RefusalsDialog({ title, lead, refusals, actions, onClose }: Props) {
  const t = useT()
  const shown = refusals.slice(0, MOST_SHOWN)
  const more = refusals.length - shown.length
  return (
    <Dialog title={title} size="lg" onClose={onClose}>
      <Stack gap="md" data-testid="refusals">
        <p className={classes.lead}>{lead}</p>
        {/* Long lists scroll here; the choice stays in view. */}
        <div className={classes.refusals} tabIndex={0} role="region" aria-label={t('Refused cells')}>
          <table className={classes.refusalTable}>
            <thead>
              <tr>
                <th scope="col">{t('Line')}</th>
                <th scope="col">{t('Column')}</th>
                <th scope="col">{t('Text')}</th>
                <th scope="col">{t('Why not')}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((refusal, index) => (
                <tr key={index} data-testid="refusal">
                  <td>
                    {refusal.row !== undefined && refusal.row + 1}
                    {refusal.name && <span className={classes.refusalName}> {refusal.name}</span>}
                  </td>
                  <td>{refusal.column}</td>
                  <td className={classes.refusalText}>{refusal.text}</td>
                  <td>{refusal.reason}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {more > 0 && <p className={classes.lead}>{t('And {more} more.', { more })}</p>}
        <Group justify="flex-end">
          {[...actions].reverse().map(({ label, testId, run }, index) => (
            <Button
              key={testId}
              variant={index === actions.length - 1 ? 'filled' : 'default'}
              data-autofocus={index === actions.length - 1 || undefined}
              data-testid={testId}
              onClick={run}
            >
              {label}
            </Button>
          ))}
        </Group>
      </Stack>
    </Dialog>
  )
}
