/** A short message with something to do about it. It stays longer than others, so that it can be reached by keyboard. */

import { Button, Group } from '@mantine/core'
import { notifications } from '@mantine/notifications'

const STAYS_MS = 20_000

export function offer(title: string, message: string, action: string, onAction: () => void): void {
  const id = crypto.randomUUID()
  notifications.show({
    id,
    title,
    autoClose: STAYS_MS,
    closeButtonProps: { 'aria-label': 'Close' },
    message: (
      <Group justify="space-between" gap="sm">
        <span>{message}</span>
        <Button
          size="compact-sm"
          variant="default"
          data-testid="offer-action"
          onClick={() => {
            notifications.hide(id)
            onAction()
          }}
        >
          {action}
        </Button>
      </Group>
    ),
  })
}
