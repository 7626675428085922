/** The text field in a cell. Enter and Tab keep the value and move on, Escape leaves it as it was. */

import { useRef, useState, type KeyboardEvent } from 'react'
import type { Focus } from './focus'
import classes from './grid.module.css'
import type { CellEdit } from './types'

export type Commit<Row> = (row: Row, columnId: string, value: string | null) => void
export type Leave = (step: { row: number; column: number }) => void

interface Props<Row> {
  edit: CellEdit<Row>
  row: Row
  columnId: string
  label: string
  editing: NonNullable<Focus['editing']>
  onCommit: Commit<Row>
  onLeave: Leave
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

export function CellEditor<Row>({ edit, row, columnId, label, editing, onCommit, onLeave }: Props<Row>) {
  const initial = edit.initial(row)
  const [text, setText] = useState(editing.text ?? initial)
  const [refusal, setRefusal] = useState<string>()
  const isDone = useRef(false)

  const keep = (step: typeof STAY): boolean => {
    if (isDone.current) return true
    if (text.trim() !== initial) {
      const parsed = text.trim() === '' ? { value: null } : edit.parse(text.trim(), row)
      if ('refusal' in parsed) {
        setRefusal(parsed.refusal)
        return false
      }
      onCommit(row, columnId, parsed.value)
    }
    isDone.current = true
    onLeave(step)
    return true
  }

  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation()
    if (event.key === 'Escape') {
      event.preventDefault()
      isDone.current = true
      onLeave(STAY)
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
