import { screen, waitFor } from '@testing-library/react'
import { http } from 'msw'
import { describe, expect, test } from 'vitest'
import { openApp } from '../app'
import { server } from '../server'

describe('signing in', () => {
  test('whoever is not signed in signs in and comes back to where they were going', async () => {
    const { user, router } = openApp('/runs?kind=load', { isSignedIn: false })
    await user.type(await screen.findByTestId('signin-email'), 'dana@northgate.example')
    await user.type(screen.getByTestId('signin-password'), 'secret')
    await user.click(screen.getByTestId('signin-submit'))
    await screen.findByRole('heading', { name: 'Runs' })
    expect(router.state.location.search).toEqual({ kind: 'load' })
  })

  test('a wrong password says what happened and what to do', async () => {
    const { user } = openApp('/sign-in?email=dana@northgate.example', { isSignedIn: false })
    expect(await screen.findByTestId('signin-email')).toHaveValue('dana@northgate.example')
    await user.type(screen.getByTestId('signin-password'), 'wrong')
    await user.click(screen.getByTestId('signin-submit'))
    const problem = await screen.findByTestId('problem')
    expect(problem).toHaveTextContent('E-mail and password do not match.')
    expect(problem).toHaveTextContent('Check both and try again.')
  })

  test('a link cannot send people to another site after sign-in', async () => {
    const { user, router } = openApp('/sign-in?redirect=//elsewhere.example', { isSignedIn: false })
    await user.type(await screen.findByTestId('signin-email'), 'a@b.example')
    await user.type(screen.getByTestId('signin-password'), 'secret')
    await user.click(screen.getByTestId('signin-submit'))
    await screen.findByRole('heading', { name: 'Dashboard' })
    expect(router.state.location.pathname).toBe('/')
  })

  test('a session that ended anywhere leads to sign-in and back', async () => {
    const { world, user, router } = openApp('/runs')
    await screen.findByTestId('runs-table')
    world.isSignedIn = false
    server.use(
      http.get('*/api/v1/system-logs', () =>
        Response.json({ code: 'not_signed_in', detail: 'Nobody is signed in.' }, { status: 401 }),
      ),
    )
    await user.click(screen.getByRole('link', { name: 'System Logs' }))
    await screen.findByTestId('signin-email')
    expect(router.state.location.search).toEqual({ redirect: '/system-logs' })
  })

  test('signing out forgets the person', async () => {
    const { user, world } = openApp('/runs')
    await user.click(await screen.findByTestId('user-menu'))
    await user.click(await screen.findByTestId('sign-out'))
    await screen.findByTestId('signin-email')
    await waitFor(() => expect(world.isSignedIn).toBe(false))
  })
})
