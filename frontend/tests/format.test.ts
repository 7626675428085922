import { describe, expect, test } from 'vitest'
import {
  formatAgo,
  formatAmounts,
  formatDay,
  formatDuration,
  formatMoney,
  formatPeriod,
  formatUnitPrice,
} from '@/format'

describe('money as text', () => {
  test('every digit of a long amount is kept', () => {
    expect(formatMoney('12345678901234567.89', 'EUR')).toBe('12,345,678,901,234,567.89 EUR')
  })

  test('a currency has its own number of decimals', () => {
    expect(formatMoney('1200', 'JPY')).toBe('1,200 JPY')
    expect(formatMoney('1.5', 'KWD')).toBe('1.500 KWD')
    expect(formatMoney('1.5', 'not a currency')).toBe('1.50 not a currency')
  })

  test('a credit shows a true minus', () => {
    expect(formatMoney('-3.20', 'USD')).toBe('\u22123.20 USD')
  })

  test('two currencies stand beside each other', () => {
    expect(formatAmounts({ EUR: '1.00', USD: '2.00' })).toBe('1.00 EUR + 2.00 USD')
    expect(formatAmounts({})).toBe('0.00')
  })

  test('a unit price keeps the digits it was invoiced with', () => {
    expect(formatUnitPrice('0.00012345')).toBe('0.00012345')
  })
})

describe('dates as text', () => {
  test('a calendar day is the same day in every time zone', () => {
    expect(formatDay('2026-10-05')).toBe('05 Oct 2026')
    expect(formatDay(null)).toBe('')
  })

  test('a period is a month in words', () => {
    expect(formatPeriod('2026-10')).toBe('October 2026')
    expect(formatPeriod('nonsense')).toBe('nonsense')
  })

  test('the past is told in the largest unit that fits', () => {
    const now = Date.parse('2026-10-05T12:00:00Z')
    expect(formatAgo('2026-10-05T11:59:30Z', now)).toBe('just now')
    expect(formatAgo('2026-10-05T11:15:00Z', now)).toBe('45m ago')
    expect(formatAgo('2026-10-03T11:00:00Z', now)).toBe('2d ago')
  })

  test('a duration has one sensible precision', () => {
    expect(formatDuration('2026-10-05T12:00:00Z', '2026-10-05T12:00:04.200Z')).toBe('4.2 s')
    expect(formatDuration('2026-10-05T12:00:00Z', '2026-10-05T12:01:12Z')).toBe('1 min 12 s')
    expect(formatDuration(null, null)).toBe('')
  })
})
