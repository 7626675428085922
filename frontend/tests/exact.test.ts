import { describe, expect, test } from 'vitest'
import { add, addAmounts } from '@/exact'

describe('exact amounts', () => {
  test('a tenth and two tenths are three tenths', () => {
    expect(add('0.1', '0.2')).toBe('0.3')
  })

  test('no digit is lost where a float would lose it', () => {
    expect(add('90071992547409930.01', '0.01')).toBe('90071992547409930.02')
  })

  test('the finer scale wins, and signs carry', () => {
    expect(add('-10', '0.005')).toBe('-9.995')
    expect(add('-0.05', '0.05')).toBe('0.00')
  })

  test('money of two currencies is never added up', () => {
    expect(addAmounts({ EUR: '1.10' }, { USD: '2.00' }, { EUR: '0.90' })).toEqual({
      EUR: '2.00',
      USD: '2.00',
    })
  })

  test('what is not a decimal is refused, not guessed', () => {
    expect(() => add('1e3', '1')).toThrow(RangeError)
  })
})
