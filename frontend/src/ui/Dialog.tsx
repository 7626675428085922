/** A dialog that is open as long as it is mounted. */

import { Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import { useReturnFocus } from './useReturnFocus'

interface Props {
  title: string
  size?: 'md' | 'lg' | 'xl'
  onClose(): void
  children: ReactNode
}

export function Dialog({ title, size = 'md', onClose, children }: Props) {
  useReturnFocus()
  return (
    <Modal opened onClose={onClose} title={title} size={size}>
      {children}
    </Modal>
  )
}
