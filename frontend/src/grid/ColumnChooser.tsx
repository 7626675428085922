/** Which columns are shown. */

import { Button, Checkbox, Popover, Stack } from '@mantine/core'
import { Columns3 } from 'lucide-react'
import type { ColumnLayout } from './table'
import type { GridColumn } from './types'

interface Props<Row> {
  columns: GridColumn<Row>[]
  layout: ColumnLayout
  onLayout(layout: ColumnLayout): void
  onReset(): void
  words: { columns: string; reset: string }
}

export function ColumnChooser<Row>({ columns, layout, onLayout, onReset, words }: Props<Row>) {
  const toggle = (id: string, isShown: boolean) =>
    onLayout({ ...layout, visibility: { ...layout.visibility, [id]: isShown } })
  return (
    <Popover position="bottom-end" shadow="md" width={230} trapFocus>
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<Columns3 size={15} aria-hidden />}
          data-testid="column-chooser"
        >
          {words.columns}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap={9} mah={420} style={{ overflowY: 'auto' }}>
          {columns
            .filter((column) => !column.isPinned)
            .map(({ id, title }) => (
              <Checkbox
                key={id}
                size="xs"
                label={title}
                checked={layout.visibility[id] !== false}
                onChange={(event) => toggle(id, event.currentTarget.checked)}
              />
            ))}
          <Button variant="subtle" size="compact-xs" onClick={onReset}>
            {words.reset}
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}
