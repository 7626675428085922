/** A record chosen in a cell: searched for in the catalog, or among the agreements of the line's company. */

import { useRef } from 'react'
import { OpenPicker, type Choice } from '@/pages/mapping/Picker'
import { useT } from '@/i18n'
import classes from './invoices.module.css'

interface Props {
  label: string
  value: Choice | null
  choices(search: string): unknown
  /** Null gives the field back to the rules. */
  onPick(id: string | null): void
  onClose(): void
}

export function CellPicker({ label, value, choices, onPick, onClose }: Props) {
  const t = useT()
  const isDone = useRef(false)
  const close = () => {
    if (!isDone.current) onClose()
    isDone.current = true
  }
  return (
    // Keys and clicks here, in the list that it opens too, are none of the grid.
    <span
      className={classes.picker}
      role="presentation"
      onKeyDown={(event) => event.stopPropagation()}
      onPointerDown={(event) => event.stopPropagation()}
      onMouseDown={(event) => event.stopPropagation()}
      onClick={(event) => event.stopPropagation()}
      onDoubleClick={(event) => event.stopPropagation()}
    >
      <OpenPicker
        {...{ label, value, choices }}
        placeholder={t('Choose from the list')}
        isSaving={false}
        onChoose={onPick}
        onClose={close}
        testId="cell-picker"
      />
    </span>
  )
}
