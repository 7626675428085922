import { describe, expect, test } from 'vitest'
import { readDay } from '@/pages/invoices/days'

const REFERENCE = '2026-10-05'

describe('a day as people type it', () => {
  test.each([
    ['2026-11-03', '2026-11-03'],
    ['2026-1-3', '2026-01-03'],
    ['5.11.2026', '2026-11-05'],
    ['5.11.', '2026-11-05'],
    ['7 Nov', '2026-11-07'],
    ['7 november 2027', '2027-11-07'],
    ['17', '2026-10-17'],
    ['+3d', '2026-10-08'],
    ['-5', '2026-09-30'],
    ['+1m', '2026-11-05'],
  ])('%s is %s', (typed, day) => {
    expect(readDay(typed, REFERENCE)).toBe(day)
  })

  test('a month later than the 31st is the last day of a shorter month', () => {
    expect(readDay('+1m', '2026-01-31')).toBe('2026-02-28')
  })

  test.each(['31 Feb', '32', '2026-13-01', 'tomorrow', '5/11'])('%s is refused', (typed) => {
    expect(readDay(typed, REFERENCE)).toBeUndefined()
  })
})
