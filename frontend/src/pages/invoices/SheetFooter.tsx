/** Under the grid, as in a spreadsheet: what is shown, what is selected and its sum, what can be done with it. */

import { Button } from '@mantine/core'
import type { InvoiceLine } from '@/api/lines'
import { addAmounts, type Amounts } from '@/exact'
import { formatAmounts, formatCount } from '@/format'
import { useT } from '@/i18n'
import classes from './invoices.module.css'
import type { LineChange } from './edits'

/** More lines than this are changed by a filter on the server, not one by one from here. */
export const MOST_AT_ONCE = 200

interface Props {
  total: number
  loaded: number
  isCatchingUp: boolean
  selected: InvoiceLine[]
  selectedCount: number
  onChange(lines: InvoiceLine[], change: LineChange): void
  /** Of edits that are being saved. */
  progress: { done: number; total: number } | undefined
}

function sumOf(lines: InvoiceLine[]): Amounts {
  return lines.reduce<Amounts>((sum, line) => addAmounts(sum, { [line.currency]: line.total }), {})
}

export function SheetFooter(props: Props) {
  const { total, loaded, isCatchingUp, selected, selectedCount, onChange, progress } = props
  const t = useT()
  return (
    <footer className={classes.footer} data-testid="sheet-footer">
      <span>
        {isCatchingUp && loaded < total
          ? t('Reading lines: {loaded} of {total}', {
              loaded: formatCount(loaded),
              total: formatCount(total),
            })
          : t('{count, plural, one {# line} other {# lines}} shown', { count: total })}
      </span>
      <span role="status">
        {progress && t('Saving {done} of {total} lines…', { done: progress.done, total: progress.total })}
      </span>
      <span className={classes.spring} />
      {selectedCount > 1 && (
        <span data-testid="selection-sum">
          {t('{count} lines selected', { count: formatCount(selectedCount) })}
          {selected.length === selectedCount && <> · {formatAmounts(sumOf(selected))}</>}
        </span>
      )}
      {selectedCount > 0 && <SelectionActions {...{ selected, selectedCount, onChange }} />}
    </footer>
  )
}

function SelectionActions({
  selected,
  selectedCount,
  onChange,
}: Pick<Props, 'selected' | 'selectedCount' | 'onChange'>) {
  const t = useT()
  if (selectedCount > MOST_AT_ONCE || selected.length < selectedCount) {
    return (
      <span className={classes.soft}>
        {t('Select up to {most} loaded lines to change them together.', { most: MOST_AT_ONCE })}
      </span>
    )
  }
  const excluded = selected.filter((line) => line.excluded || line.status === 'dropped')
  const others = selected.filter((line) => !line.excluded)
  const edited = selected.filter((line) =>
    Object.values(line.provenance).some((field) => field.user !== null),
  )
  return (
    <>
      {others.length > 0 && (
        <FooterButton onClick={() => onChange(others, { excluded: true })} testId="exclude-lines">
          {t('Exclude {count, plural, one {line} other {# lines}}', { count: others.length })}
        </FooterButton>
      )}
      {excluded.length > 0 && (
        <FooterButton onClick={() => onChange(excluded, { excluded: false })} testId="include-lines">
          {t('Include {count, plural, one {line} other {# lines}}', { count: excluded.length })}
        </FooterButton>
      )}
      {edited.length > 0 && (
        <FooterButton
          onClick={() => onChange(edited, { charge_start_date: null, charge_end_date: null })}
          testId="clear-edits"
        >
          {t('Clear my {count, plural, one {edit} other {edits on # lines}}', { count: edited.length })}
        </FooterButton>
      )}
    </>
  )
}

function FooterButton({ onClick, testId, children }: { onClick(): void; testId: string; children: string }) {
  return (
    <Button variant="default" size="compact-xs" onClick={onClick} data-testid={testId}>
      {children}
    </Button>
  )
}
