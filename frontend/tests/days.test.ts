import { describe, expect, test } from 'vitest'
import { readDay, readPastedDay } from '@/pages/invoices/days'

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

describe('a pasted day', () => {
  test.each([
    ['2026-10-05', '2026-10-05'],
    ['2026-10-05 00:00:00', '2026-10-05'],
    ['2026/10/05', '2026-10-05'],
    ['5.10.2026', '2026-10-05'],
    ['5 Oct 2026', '2026-10-05'],
    ['05-Oct-2026', '2026-10-05'],
    ['October 5, 2026', '2026-10-05'],
    ['25/10/2026', '2026-10-25'],
    ['10/25/2026', '2026-10-25'],
    ['5/5/2026', '2026-05-05'],
  ])('%s is %s', (text, day) => {
    expect(readPastedDay(text)).toEqual({ value: day })
  })

  test.each(['5', '+1m', '46300', 'soon', '=TODAY()', '2026-02-30', '5 Oct', '32/13/2026', '1.234,56'])(
    '%s is refused',
    (text) => {
      expect(readPastedDay(text)).toHaveProperty('refusal')
    },
  )

  test('a slashed date that means two days says which', () => {
    expect(readPastedDay('05/10/2026')).toEqual({
      refusal: 'This can be 2026-10-05 or 2026-05-10: write it as one of them.',
    })
  })
})
