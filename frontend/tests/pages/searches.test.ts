import { describe, expect, test } from 'vitest'
import { readLineView } from '@/pages/invoices/view'
import { readLogView, readMappingView, readRunView, readSignIn } from '@/pages/searches'
import {
  holdReasonValues,
  lineSortValues,
  lineStatusValues,
  logLevelValues,
  organizationStateValues,
  runKindValues,
  runStatusValues,
} from '@/api/schema.gen'

type Read = (search: Record<string, unknown>) => object

const CHOICES: [field: string, read: Read, values: readonly string[]][] = [
  ['kind', readRunView, runKindValues],
  ['status', readRunView, runStatusValues],
  ['state', readMappingView, organizationStateValues],
  ['level', readLogView, logLevelValues],
  ['status', readLineView, lineStatusValues],
  ['hold_reason', readLineView, holdReasonValues],
  ['sort', readLineView, lineSortValues],
]

describe('a view in the URL', () => {
  test.each(CHOICES)('%s takes every value of the server, and no other', (field, read, values) => {
    for (const value of values) expect(read({ [field]: value })).toMatchObject({ [field]: value })
    for (const odd of ['nonsense', '', 7, null, ['held']])
      expect(read({ [field]: odd })).toHaveProperty(field, undefined)
  })

  test('one odd value does not take the others with it', () => {
    expect(readRunView({ kind: 'nonsense', status: 'failed' })).toEqual({ kind: undefined, status: 'failed' })
  })

  test('a search for a number is a text', () => {
    expect(readLogView({ search: 42 }).search).toBe('42')
    expect(readLogView({ search: '' }).search).toBeUndefined()
  })

  test.each([
    ['2026-10', '2026-10'],
    ['2026-13', undefined],
    [202610, undefined],
  ])('a month is written YYYY-MM: %s', (period, read) => {
    expect(readLineView({ period }).period).toBe(read)
  })

  test.each([
    ['/runs?kind=load', '/runs?kind=load'],
    ['//elsewhere.example', undefined],
    ['https://elsewhere.example', undefined],
  ])('after sign-in nobody is sent elsewhere: %s', (redirect, read) => {
    expect(readSignIn({ redirect }).redirect).toBe(read)
  })
})
