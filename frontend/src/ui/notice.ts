/** Short messages that leave by themselves. */

import { notifications } from '@mantine/notifications'
import { asProblem } from '@/api/problem'

const closeButtonProps = { 'aria-label': 'Close' }

export function tell(title: string, message = ''): void {
  notifications.show({ title, message, closeButtonProps })
}

/** A failure: what happened as the title, what to do beneath. */
export function tellProblem(error: unknown): void {
  const { detail, action } = asProblem(error)
  notifications.show({ color: 'red', title: detail, message: action, closeButtonProps })
}
