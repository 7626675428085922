/** Gives the focus back to whatever had it when a dialog opened. Dialogs here are mounted open and unmounted shut. */

import { useLayoutEffect } from 'react'

export function useReturnFocus(): void {
  useLayoutEffect(() => {
    const opener = document.activeElement
    return () => {
      // After the dialog's own focus trap has let go.
      setTimeout(() => {
        if (opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true })
      })
    }
  }, [])
}
