/** Finds text in the lines that are loaded: Enter goes on, Shift with Enter back, Escape returns to the cell. */

import { ActionIcon, TextInput } from '@mantine/core'
import { ChevronDown, ChevronUp, X } from 'lucide-react'
import { useState, type KeyboardEvent } from 'react'
import { useT } from '@/i18n'
import { findNext } from './find'
import classes from './grid.module.css'
import type { GridColumn, Place, RowSource } from './types'

interface Props<Row> {
  source: RowSource<Row>
  columns: GridColumn<Row>[]
  from: Place
  onFound(place: Place): void
  onClose(): void
}

export function FindBar<Row>({ source, columns, from, onFound, onClose }: Props<Row>) {
  const t = useT()
  const [text, setText] = useState('')
  const [isMissing, setMissing] = useState(false)
  const find = (step: 1 | -1) => {
    const place = findNext(source, columns, text, from, step)
    setMissing(!place && text.trim() !== '')
    if (place) onFound(place)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') find(event.shiftKey ? -1 : 1)
    else if (event.key === 'Escape') onClose()
    else return
    event.preventDefault()
  }
  const isPart = source.loaded < source.total
  return (
    <div className={classes.find} role="search" aria-label={t('Find in the lines')} data-testid="find-bar">
      <TextInput
        autoFocus
        size="xs"
        aria-label={t('Find in the lines')}
        placeholder={t('Find in the lines')}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value)
          setMissing(false)
        }}
        onKeyDown={onKeyDown}
      />
      <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t('Back')} onClick={() => find(-1)}>
        <ChevronUp size={15} aria-hidden />
      </ActionIcon>
      <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t('Next')} onClick={() => find(1)}>
        <ChevronDown size={15} aria-hidden />
      </ActionIcon>
      <ActionIcon size="sm" variant="subtle" color="gray" aria-label={t('Close')} onClick={onClose}>
        <X size={15} aria-hidden />
      </ActionIcon>
      <span role="status" className={classes.findNote}>
        {isMissing &&
          (isPart
            ? t('Not in the {loaded} lines read so far; / searches all.', { loaded: source.loaded })
            : t('Not found'))}
      </span>
    </div>
  )
}
