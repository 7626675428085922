/** The keys, in groups. */

import { Kbd } from '@mantine/core'
import { useT } from '@/i18n'
import { Dialog } from '@/ui/Dialog'
import { PLACES } from './places'
import classes from './shell.module.css'

type Shortcut = [keys: string[], does: string]

const TITLES: Shortcut[] = [
  [['Shift', 'Tab'], 'From the lines to the titles'],
  [['Enter'], 'Sort'],
  [['Ctrl', '←', '→'], 'Move the column'],
  [['Shift', '←', '→'], 'Narrower, wider'],
  [['p'], 'Keep in view'],
  [['h'], 'Hide'],
]

const GRID: Shortcut[] = [
  [['↑', '↓', '←', '→'], 'Move'],
  [['Ctrl', '↓'], 'To the last line'],
  [['Home', 'End'], 'First and last column'],
  [['PgUp', 'PgDn'], 'One screen up or down'],
  [['Shift', '↓'], 'Extend the selection'],
  [['Shift', 'Space'], 'Select the line'],
  [['Ctrl', 'Space'], 'Select the column'],
  [['Ctrl', 'A'], 'Select everything'],
  [['Ctrl', 'C'], 'Copy for Excel'],
  [['Ctrl', 'V'], 'Paste from Excel'],
  [['Enter'], 'Edit the cell'],
  [['Ctrl', 'Enter'], 'Write into the whole selection'],
  [['Ctrl', 'D'], 'Fill down'],
  [['Esc'], 'Leave it as it was'],
  [['Del'], 'Clear my edits'],
  [['Ctrl', 'Z'], 'Take back'],
  [['Ctrl', 'Y'], 'Do again'],
  [['Ctrl', 'F'], 'Find in the lines'],
  [['Shift', 'F10'], 'Menu of the cell'],
  [['x'], 'Exclude or include the line'],
  [['Space'], 'Details of the line'],
  [['Ctrl', 'B'], 'Bulk edit of these or all lines'],
]

export default function ShortcutsHelp({ onClose }: { onClose: () => void }) {
  const t = useT()
  const places: Shortcut[] = PLACES.map(({ key, label }) => [['g', key], label])
  const general: Shortcut[] = [
    [['g', 'g'], 'The grid'],
    [['Ctrl', 'K'], 'Go anywhere'],
    [['/'], 'Search lines'],
    [['?'], 'This help'],
  ]
  return (
    <Dialog onClose={onClose} title={t('Keyboard shortcuts')} size="lg">
      <div className={classes.shortcuts}>
        <ShortcutList title={t('Go to')} shortcuts={[...places, ...general]} />
        <ShortcutList title={t('In the grid')} shortcuts={GRID} />
        <ShortcutList title={t('On a column title')} shortcuts={TITLES} />
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
              {keys.map((key, index) => (
                <Kbd key={index} size="xs">
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
