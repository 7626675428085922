/** Which columns are shown, in what order, which stay in view, and how dense the rows are. */

import { ActionIcon, Button, Checkbox, Group, Popover, SegmentedControl, Stack } from '@mantine/core'
import { ChevronDown, ChevronUp, Columns3, Pin } from 'lucide-react'
import { useT } from '@/i18n'
import { isShown, moved, orderOf, withPin, withVisibility, type ColumnLayout, type Density } from './layout'
import type { GridColumn } from './types'

interface Props<Row> {
  columns: GridColumn<Row>[]
  layout: ColumnLayout
  onLayout(layout: ColumnLayout): void
  onReset(): void
  words: { columns: string; reset: string }
}

export function ColumnChooser<Row>({ columns, layout, onLayout, onReset, words }: Props<Row>) {
  const t = useT()
  const byId = new Map(columns.map((column) => [column.id, column]))
  return (
    <Popover position="bottom-end" shadow="md" width={300} trapFocus>
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<Columns3 size={15} aria-hidden />}
          style={{ flex: 'none' }}
          data-testid="column-chooser"
        >
          {words.columns}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap={9}>
          <SegmentedControl
            size="xs"
            aria-label={t('Density')}
            value={layout.density}
            onChange={(density) => onLayout({ ...layout, density: density as Density })}
            data={[
              { value: 'comfortable', label: t('Comfortable') },
              { value: 'compact', label: t('Compact') },
            ]}
          />
          <Stack gap={4} mah={380} style={{ overflowY: 'auto' }}>
            {orderOf(columns, layout).map((id) => (
              <ColumnRow key={id} title={byId.get(id)?.title ?? id} {...{ id, columns, layout, onLayout }} />
            ))}
          </Stack>
          <Button variant="subtle" size="compact-xs" onClick={onReset}>
            {words.reset}
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}

interface RowProps<Row> extends Pick<Props<Row>, 'columns' | 'layout' | 'onLayout'> {
  id: string
  title: string
}

function ColumnRow<Row>({ id, title, columns, layout, onLayout }: RowProps<Row>) {
  const t = useT()
  const isPinned = layout.pinned.includes(id)
  const move = (step: -1 | 1) => onLayout(moved(columns, layout, id, step))
  return (
    <Group gap={2} wrap="nowrap">
      <Checkbox
        flex={1}
        size="xs"
        label={title}
        checked={isShown(layout, id)}
        onChange={(event) => onLayout(withVisibility(layout, id, event.currentTarget.checked))}
      />
      <ActionIcon
        size="sm"
        variant={isPinned ? 'light' : 'subtle'}
        color={isPinned ? undefined : 'gray'}
        aria-label={t('Keep {title} in view', { title })}
        aria-pressed={isPinned}
        onClick={() => onLayout(withPin(layout, id, !isPinned))}
      >
        <Pin size={13} aria-hidden />
      </ActionIcon>
      <ActionIcon
        size="sm"
        variant="subtle"
        color="gray"
        aria-label={t('Move {title} left', { title })}
        onClick={() => move(-1)}
      >
        <ChevronUp size={14} aria-hidden />
      </ActionIcon>
      <ActionIcon
        size="sm"
        variant="subtle"
        color="gray"
        aria-label={t('Move {title} right', { title })}
        onClick={() => move(1)}
      >
        <ChevronDown size={14} aria-hidden />
      </ActionIcon>
    </Group>
  )
}
