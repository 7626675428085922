import { describe, expect, test } from 'vitest'
import { NUMBER_HINT, QUANTITY_HINT, readPrice, readQuantity } from '@/pages/invoices/numbers'

describe('numbers in the grid', () => {
  test.each([
    ['12', '12'],
    ['1,250.50', '1250.50'],
    ['1 250.5', '1250.5'],
    ['\u22123.25', '-3.25'],
    ['007.10', '7.10'],
    ['0.105', '0.105'],
  ])('the price %s is %s', (text, value) => {
    expect(readPrice(text)).toEqual({ value })
  })

  test.each(['1,5', 'a lot', '1.1234567', '', '1e3', '1.2.3'])('the price %s is asked about', (text) => {
    expect(readPrice(text)).toEqual({ refusal: NUMBER_HINT })
  })

  test('a quantity is more than zero, and kept without idle zeros', () => {
    expect(readQuantity('4.50')).toEqual({ value: '4.5' })
    expect(readQuantity('10')).toEqual({ value: '10' })
    expect(readQuantity('3.00')).toEqual({ value: '3' })
    expect(readQuantity('0.0')).toEqual({ refusal: QUANTITY_HINT })
    expect(readQuantity('-2')).toEqual({ refusal: QUANTITY_HINT })
  })
})
