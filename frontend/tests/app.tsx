/** The whole app on an in-memory world, at an address. */

import { createMemoryHistory } from '@tanstack/react-router'
import { render } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { makeHandlers } from '../mock/handlers'
import { makeWorld, type World } from '../mock/world'
import { App } from '@/App'
import { makeQueryClient, makeRouter } from '@/router'
import { server } from './server'

interface Options {
  lines?: number
  isSignedIn?: boolean
  prepare?: (world: World) => void
}

/** How long a run of the mock takes: long enough to be seen under way, short enough for a test. */
const RUN_MS = 60

export function openApp(path: string, { lines = 60, isSignedIn = true, prepare }: Options = {}) {
  const world = makeWorld(lines)
  world.isSignedIn = isSignedIn
  prepare?.(world)
  server.use(...makeHandlers(world, RUN_MS))
  const queryClient = makeQueryClient()
  const router = makeRouter(queryClient, createMemoryHistory({ initialEntries: [path] }))
  const view = render(<App queryClient={queryClient} router={router} env="test" />)
  return { world, router, queryClient, user: userEvent.setup(), ...view }
}
