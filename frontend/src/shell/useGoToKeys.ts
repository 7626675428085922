/** `g` then a letter goes to a place, `g g` to the grid of the page; `?` shows the keys. Never while somebody types. */

import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { PLACES } from './places'

const PATIENCE_MS = 1_200

function isTypingInto(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null
  return element?.closest('input,textarea,select,[contenteditable],[role="dialog"]') !== null
}

export function useGoToKeys(onHelp: () => void): void {
  const navigate = useNavigate()
  const startedAt = useRef(0)
  const help = useRef(onHelp)
  useEffect(() => {
    help.current = onHelp
  })
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTypingInto(event.target)) return
      if (event.key === '?') {
        help.current()
        return
      }
      const isSecond = event.timeStamp - startedAt.current < PATIENCE_MS
      const place = PLACES.find(({ key }) => key === event.key)
      if (place && isSecond) {
        event.preventDefault()
        void navigate({ to: place.to })
      }
      if (event.key === 'g' && isSecond) {
        document.querySelector<HTMLElement>('[role="grid"] [data-active="true"]')?.focus()
        startedAt.current = 0
        return
      }
      startedAt.current = event.key === 'g' ? event.timeStamp : 0
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [navigate])
}
