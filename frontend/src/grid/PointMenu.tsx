/** A menu at a point: the context menu of cells and column titles, each entry with its key. */

import { Menu } from '@mantine/core'
import type { SyntheticEvent } from 'react'
import { useT } from '@/i18n'

export interface MenuEntry {
  label: string
  keys?: string
  isDisabled?: boolean
  run(): void
}

export interface MenuPoint {
  left: number
  top: number
}

interface Props {
  label: string
  at: MenuPoint
  entries: MenuEntry[]
  onClose(): void
}

const stop = (event: SyntheticEvent) => event.stopPropagation()

/** Where the menu of an element opens when a key asked for it. */
export function pointOf(element: Element): MenuPoint {
  const { left, bottom } = element.getBoundingClientRect()
  return { left: left + 8, top: bottom }
}

export function isMenuKey(event: { key: string; shiftKey: boolean }): boolean {
  return event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey)
}

export function PointMenu({ label, at, entries, onClose }: Props) {
  const t = useT()
  return (
    // What is pressed in the menu is not pressed in the grid beneath it.
    <div style={{ display: 'contents' }} onKeyDown={stop} onMouseDown={stop}>
      <Menu
        opened
        onClose={onClose}
        position="bottom-start"
        width={240}
        offset={2}
        shadow="md"
        returnFocus={false}
      >
        <Menu.Target>
          <span style={{ position: 'fixed', left: at.left, top: at.top }} />
        </Menu.Target>
        <Menu.Dropdown aria-label={label} data-testid="point-menu">
          {entries.map(({ label: entry, keys, isDisabled, run }) => (
            <Menu.Item
              key={entry}
              disabled={isDisabled}
              rightSection={keys && <span aria-hidden="true">{keys}</span>}
              onClick={() => {
                onClose()
                run()
              }}
            >
              {t(entry)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  )
}
