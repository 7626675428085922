/** Everything a page stands on: queries, looks, sentences, routes. */

import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider, type QueryClient } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { IntlProvider } from 'react-intl'
import type { AppRouter } from './router'
import { theme } from './theme'

interface Props {
  queryClient: QueryClient
  router: AppRouter
  /** `test` shows dialogs and menus without their transitions. */
  env?: 'default' | 'test'
}

export function App({ queryClient, router, env = 'default' }: Props) {
  return (
    <IntlProvider locale="en" defaultLocale="en">
      <MantineProvider theme={theme} defaultColorScheme="auto" env={env}>
        <Notifications position="bottom-right" autoClose={6_000} />
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </IntlProvider>
  )
}
