import { describe, expect, test } from 'vitest'
import { asText, readTsv, writeTsv } from '@/grid/clipboard'

/** The same numbers each time, so that a failure can be repeated. */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const PIECES = [
  'a',
  'Ä',
  '7',
  '-',
  '=',
  '+',
  '@',
  "'",
  '"',
  '\t',
  '\n',
  '\r\n',
  '\r',
  ' ',
  ',',
  '1.5',
  '\uFF1D',
]

function randomCells(seed: number): string[][] {
  const random = randomOf(seed)
  const [rows, columns] = [1 + random(4), 1 + random(4)]
  const cell = () => Array.from({ length: random(5) }, () => PIECES[random(PIECES.length)]).join('')
  return Array.from({ length: rows }, () => Array.from({ length: columns }, cell))
}

describe('text for spreadsheets', () => {
  test('what was copied pastes as the same cells, and copies as the same text', () => {
    for (let seed = 0; seed < 3_000; seed += 1) {
      const cells = randomCells(seed)
      const text = writeTsv(cells)
      expect(readTsv(text)).toEqual(cells)
      expect(writeTsv(readTsv(text))).toBe(text)
    }
  })

  test.each(['=1+1', '+1', '-1+1', '@SUM(A1)', '\tx', '\uFF1D1', "'=1"])('%j is written as text', (cell) => {
    expect(asText(cell)).toBe(`'${cell}`)
  })

  test.each(['-12.50', '0', 'O\u2019Neill', "'90s"])('%j stays as it is', (cell) => {
    expect(asText(cell)).toBe(cell)
  })

  test('text as Excel copies it: quoted cells, Windows line ends, an end after the last line', () => {
    expect(readTsv('a\t"two\nlines"\r\n"say ""so"""\tb\r\n')).toEqual([
      ['a', 'two\nlines'],
      ['say "so"', 'b'],
    ])
  })

  test('a quote that nothing ends is an ordinary character', () => {
    expect(readTsv('27" screen\t"open\nnext')).toEqual([['27" screen', '"open'], ['next']])
  })

  test('40,000 cells are read', () => {
    const cells = Array.from({ length: 20_000 }, (_, row) => [`2026-10-05`, `"${row}"`])
    expect(readTsv(writeTsv(cells))).toEqual(cells)
  })
})
