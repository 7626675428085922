/** The keys, in groups. */

import { Kbd } from '@mantine/core'
import { useT } from '@/i18n'
import { Dialog } from '@/ui/Dialog'
import { PLACES } from './places'
import classes from './shell.module.css'

type Shortcut = [keys: string[], does: string]

const GRID: Shortcut[] = [
  [['↑', '↓', '←', '→'], 'Move'],
  [['Ctrl', '↓'], 'To the last line'],
  [['Home', 'End'], 'First and last column'],
  [['PgUp', 'PgDn'], 'One screen up or down'],
  [['Shift', '↓'], 'Extend the selection'],
  [['Ctrl', 'A'], 'Select everything'],
  [['Ctrl', 'C'], 'Copy for Excel'],
  [['Enter'], 'Edit the date'],
  [['Esc'], 'Leave it as it was'],
  [['Del'], 'Clear my edit'],
  [['x'], 'Exclude or include the line'],
  [['Space'], 'Details of the line'],
  [['Ctrl', 'B'], 'Bulk edit of these or all lines'],
]

export default function ShortcutsHelp({ onClose }: { onClose: () => void }) {
  const t = useT()
  const places: Shortcut[] = PLACES.map(({ key, label }) => [['g', key], label])
  const general: Shortcut[] = [
    [['Ctrl', 'K'], 'Go anywhere'],
    [['/'], 'Search lines'],
    [['?'], 'This help'],
  ]
  return (
    <Dialog onClose={onClose} title={t('Keyboard shortcuts')} size="lg">
      <div className={classes.shortcuts}>
        <ShortcutList title={t('Go to')} shortcuts={[...places, ...general]} />
        <ShortcutList title={t('In the grid')} shortcuts={GRID} />
      </div>
    </Dialog>
  )
}

function ShortcutList({ title, shortcuts }: { title: string; shortcuts: Shortcut[] }) {
  const t = useT()
  return (
    <section>
      <h3 className={classes.shortcutsTitle}>{title}</h3>
      <dl className={classes.shortcutList}>
        {shortcuts.map(([keys, does]) => (
          <div key={does} className={classes.shortcut}>
            <dt>{t(does)}</dt>
            <dd>
              {keys.map((key) => (
                <Kbd key={key} size="xs">
                  {key}
                </Kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
