import { describe, expect, test } from 'vitest'
import { add, addAmounts, negate, percentOf, signOf } from '@/exact'

describe('shares and signs', () => {
  test('a share is never rounded up to everything', () => {
    expect(percentOf('99.99', '100.00')).toBe('99.9')
    expect(percentOf('100', '100.00')).toBe('100.0')
    expect(percentOf('0.00', '3.10')).toBe('0.0')
  })

  test('where credits make a share meaningless there is none', () => {
    expect(percentOf('12.00', '10.00')).toBeUndefined()
    expect(percentOf('-1.00', '10.00')).toBeUndefined()
    expect(percentOf('0.00', '0.00')).toBeUndefined()
  })

  test('a sign is read from the digits', () => {
    expect([signOf('-0.00'), signOf('0.01'), signOf('-3')]).toEqual([0, 1, -1])
    expect([negate('3.10'), negate('-0.05'), negate('0.00')]).toEqual(['-3.10', '0.05', '0.00'])
  })
})

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
