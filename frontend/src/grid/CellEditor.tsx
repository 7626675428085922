/**
 * The text field in a cell. Enter and Tab keep the value and move on, Ctrl with Enter writes it into every cell
 * of the selection, Escape leaves it as it was.
 */

import { useRef, useState, type KeyboardEvent } from 'react'
import type { Focus } from './focus'
import classes from './grid.module.css'
import type { CellEdit } from './types'

export type Commit<Row> = (row: Row, columnId: string, value: string | null) => void
export type Leave = (step: { row: number; column: number }) => void
export type Fill = (text: string) => void

interface Props<Row> {
  edit: CellEdit<Row>
  row: Row
  columnId: string
  label: string
  editing: NonNullable<Focus['editing']>
  onCommit: Commit<Row>
  onLeave: Leave
  onFill: Fill
}

const STAY = { row: 0, column: 0 }

/** Where a key leads when it ends the edit; arrows sideways only when typing started it, as in a spreadsheet. */
function stepOf(event: KeyboardEvent, startedByTyping: boolean) {
  switch (event.key) {
    case 'Enter':
      return { row: event.shiftKey ? -1 : 1, column: 0 }
    case 'Tab':
      return { row: 0, column: event.shiftKey ? -1 : 1 }
    case 'ArrowUp':
      return { row: -1, column: 0 }
    case 'ArrowDown':
      return { row: 1, column: 0 }
    case 'ArrowLeft':
      return startedByTyping ? { row: 0, column: -1 } : undefined
    case 'ArrowRight':
      return startedByTyping ? { row: 0, column: 1 } : undefined
    default:
      return undefined
  }
}

export function CellEditor<Row>(props: Props<Row>) {
  const { edit, row, columnId, label, editing, onCommit, onLeave, onFill } = props
  const initial = edit.initial(row)
  const [text, setText] = useState(editing.text ?? initial)
  const [refusal, setRefusal] = useState<string>()
  const isDone = useRef(false)

  /** What the text means here; a text that means nothing is answered in the cell. */
  const read = (): { value: string | null } | undefined => {
    const parsed = text.trim() === '' ? { value: null } : edit.parse(text.trim(), row)
    if ('refusal' in parsed) setRefusal(parsed.refusal)
    return 'refusal' in parsed ? undefined : parsed
  }

  const keep = (step: typeof STAY): boolean => {
    if (isDone.current) return true
    if (text.trim() !== initial) {
      const parsed = read()
      if (!parsed) return false
      onCommit(row, columnId, parsed.value)
    }
    isDone.current = true
    onLeave(step)
    return true
  }

  const fill = () => {
    if (!read()) return
    isDone.current = true
    onFill(text.trim())
  }

  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation()
    if (event.key === 'Escape') {
      event.preventDefault()
      isDone.current = true
      onLeave(STAY)
      return
    }
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      fill()
      return
    }
    const step = stepOf(event, editing.text !== null)
    if (!step) return
    event.preventDefault()
    keep(step)
  }

  const onBlur = () => {
    // Leaving with something unreadable leaves the cell as it was.
    if (!keep(STAY)) {
      isDone.current = true
      onLeave(STAY)
    }
  }

  return (
    <span className={classes.editor}>
      <input
        autoFocus
        className={classes.input}
        aria-label={label}
        aria-invalid={refusal ? true : undefined}
        data-testid="cell-editor"
        value={text}
        onFocus={(event) => editing.text === null && event.target.select()}
        onChange={(event) => {
          setText(event.target.value)
          setRefusal(undefined)
        }}
        onKeyDown={onKeyDown}
        onBlur={onBlur}
      />
      {refusal && (
        <span role="alert" className={classes.refusal}>
          {refusal}
        </span>
      )}
    </span>
  )
}
