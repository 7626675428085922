/** The map of screens. Each page is its own chunk; the URL holds the view. */

import { QueryCache, QueryClient, MutationCache } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  type RouterHistory,
} from '@tanstack/react-router'
import { isProblem } from '@/api/problem'
import { meQuery, sessionKeys } from '@/api/session'
import { readLineView } from '@/pages/invoices/view'
import { readLogView, readMappingView, readRunView, readSignIn } from '@/pages/searches'
import { Shell } from '@/shell/Shell'
import { NotFound, RouteError } from '@/shell/RouteStates'

interface Context {
  queryClient: QueryClient
}

const rootRoute = createRootRouteWithContext<Context>()({ notFoundComponent: NotFound })

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: readSignIn,
  component: lazyRouteComponent(() => import('@/pages/signin/SignInPage'), 'SignInPage'),
})

/** Everything behind sign-in. Whoever is not signed in comes back here afterwards. */
const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'signed-in',
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queryClient.ensureQueryData(meQuery)
    } catch (error) {
      if (!isProblem(error) || error.status !== 401) throw error
      throw redirect({ to: '/sign-in', search: { redirect: location.href } })
    }
  },
})

const indexRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/',
  component: lazyRouteComponent(() => import('@/pages/dashboard/DashboardPage'), 'DashboardPage'),
})

const invoicesRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/invoices',
  validateSearch: readLineView,
  component: lazyRouteComponent(() => import('@/pages/invoices/InvoicesPage'), 'InvoicesPage'),
})

const planRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/plans/$planId',
  component: lazyRouteComponent(() => import('@/pages/plans/PlanPage'), 'PlanPage'),
})

const receiptRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/receipts/$runId',
  component: lazyRouteComponent(() => import('@/pages/receipts/ReceiptPage'), 'ReceiptPage'),
})

const runsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/runs',
  validateSearch: readRunView,
  component: lazyRouteComponent(() => import('@/pages/runs/RunsPage'), 'RunsPage'),
})

const runRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/runs/$runId',
  component: lazyRouteComponent(() => import('@/pages/runs/RunPage'), 'RunPage'),
})

const mappingRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/mapping',
  beforeLoad: () => {
    throw redirect({ to: '/mapping/organizations', search: {} })
  },
})

const organizationsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/mapping/organizations',
  validateSearch: readMappingView,
  component: lazyRouteComponent(() => import('@/pages/mapping/OrganizationsPage'), 'OrganizationsPage'),
})

const productsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/mapping/products',
  validateSearch: readMappingView,
  component: lazyRouteComponent(() => import('@/pages/mapping/ProductsPage'), 'ProductsPage'),
})

const logsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/system-logs',
  validateSearch: readLogView,
  component: lazyRouteComponent(() => import('@/pages/logs/LogsPage'), 'LogsPage'),
})

const settingsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/settings',
  beforeLoad: () => {
    throw redirect({ to: '/settings/$tab', params: { tab: 'connections' } })
  },
})

const settingsTabRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/settings/$tab',
  component: lazyRouteComponent(() => import('@/pages/settings/SettingsPage'), 'SettingsPage'),
})

const routeTree = rootRoute.addChildren([
  signInRoute,
  signedInRoute.addChildren([
    indexRoute,
    invoicesRoute,
    planRoute,
    receiptRoute,
    runsRoute,
    runRoute,
    mappingRoute,
    organizationsRoute,
    productsRoute,
    logsRoute,
    settingsRoute,
    settingsTabRoute,
  ]),
])

/** An ended session anywhere leads to sign-in: the cached person is forgotten and the routes ask again. */
let onSessionEnded: () => void = () => undefined

function noticeEndedSession(error: unknown): void {
  if (isProblem(error) && error.status === 401) onSessionEnded()
}

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    // The question who is signed in is how sign-in is found missing: its own 401 is no news.
    queryCache: new QueryCache({
      onError: (error, query) => query.queryKey[0] !== sessionKeys.me[0] && noticeEndedSession(error),
    }),
    mutationCache: new MutationCache({ onError: (error) => noticeEndedSession(error) }),
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        refetchOnWindowFocus: false,
        // What the server refused on purpose is not asked again.
        retry: (failures, error) => failures < 2 && !(isProblem(error) && error.status < 500),
      },
    },
  })
}

export function makeRouter(queryClient: QueryClient, history?: RouterHistory) {
  const router = createRouter({
    routeTree,
    context: { queryClient },
    history,
    defaultPreload: 'intent',
    defaultErrorComponent: RouteError,
    scrollRestoration: true,
  })
  onSessionEnded = () => {
    if (router.state.location.pathname === '/sign-in') return
    queryClient.removeQueries({ queryKey: sessionKeys.me })
    void router.invalidate()
  }
  return router
}

export type AppRouter = ReturnType<typeof makeRouter>

declare module '@tanstack/react-router' {
  interface Register {
    router: AppRouter
  }
}
