/** What a page needs of a browser and jsdom lacks; one in-memory world per test. */

import '@testing-library/jest-dom/vitest'
import { notifications } from '@mantine/notifications'
import { cleanup, configure } from '@testing-library/react'
import { afterAll, afterEach, beforeAll, vi } from 'vitest'
import { server } from './server'

// A failed search says what it looked for, not the whole page.
configure({ asyncUtilTimeout: 5_000, getElementError: (message) => new Error(message ?? 'not found') })

// The virtualiser asks how tall its window is; jsdom lays nothing out and says 0.
const LAYOUT = {
  clientHeight: 640,
  clientWidth: 1200,
  offsetHeight: 640,
  offsetWidth: 1200,
  scrollHeight: 10_000_000,
}
for (const [name, size] of Object.entries(LAYOUT)) {
  Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => size })
}

class NoObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}
vi.stubGlobal('ResizeObserver', NoObserver)
vi.stubGlobal('matchMedia', (query: string) => ({
  matches: false,
  media: query,
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
  addListener: () => undefined,
  removeListener: () => undefined,
}))
Element.prototype.scrollIntoView = () => undefined
Element.prototype.scrollTo = function (this: Element, to?: ScrollToOptions | number) {
  if (typeof to !== 'object') return
  this.scrollTop = to.top ?? this.scrollTop
  // As browsers do: after the script that asked for it.
  queueMicrotask(() => this.dispatchEvent(new Event('scroll')))
}
// axe draws icons to measure them; there is nothing to draw on.
HTMLCanvasElement.prototype.getContext = () => null
window.scrollTo = () => undefined

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }))
afterEach(() => {
  cleanup()
  notifications.clean()
  server.resetHandlers()
  localStorage.clear()
  sessionStorage.clear()
})
afterAll(() => server.close())
