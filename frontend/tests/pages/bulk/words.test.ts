import { describe, expect, test } from 'vitest'
import { createIntl } from 'react-intl'
import { FIELDS } from '../../../mock/bulk'
import {
  choicesOf,
  emptyDraft,
  findTwice,
  toChange,
  type Choice,
  type Draft,
} from '@/pages/invoices/bulk/drafts'
import { filterInWords, isSendable, scopeOf } from '@/pages/invoices/bulk/scope'
import type { Translate } from '@/i18n'
import { changeInWords, skipReasonLabel, valueInWords } from '@/words/bulk'

const intl = createIntl({ locale: 'en', onError: () => undefined })
const t: Translate = (sentence, values) =>
  String(intl.formatMessage({ id: sentence, defaultMessage: sentence }, values))
const NAMES = { fields: FIELDS, records: { a1: 'Cloud Services', t1: 'Cloud' } }
const draft = (choice: Choice, more: Partial<Draft> = {}): Draft => ({ ...emptyDraft(1), choice, ...more })

describe('drafts', () => {
  test.each<[string, Draft]>([
    ['nothing is chosen', emptyDraft(1)],
    ['a date is missing', draft('set:charge_start_date')],
    ['a type is missing', draft('agreement_of_type')],
    ['dates move by nothing', draft('shift_dates')],
    ['the field is unknown', draft('set:colour', { value: 'red' })],
  ])('no change while %s', (_, incomplete) => {
    expect(toChange(incomplete, FIELDS)).toBeUndefined()
  })

  test('a field that the server has newly is offered, and set as text', () => {
    const fields = [
      ...FIELDS,
      { field: 'quantity', label: 'Quantity', editor: 'number' as const, after_invoicing: true, choices: [] },
    ]
    const offered = choicesOf(fields, t).flatMap(({ items }) => items)
    expect(offered).toContainEqual({ value: 'set:quantity', label: 'Set Quantity' })
    const change = toChange(draft('set:quantity', { value: ' 4 ' }), fields)
    expect(change).toEqual({ kind: 'set', field: 'quantity', value: '4' })
  })

  test('clearing without naming fields clears all', () => {
    expect(toChange(draft('clear'), FIELDS)).toEqual({
      kind: 'clear',
      fields: FIELDS.map(({ field }) => field),
    })
  })

  test('the next open period is about both dates', () => {
    const set = { kind: 'set' as const, field: 'charge_end_date', value: '2026-10-31' }
    expect(findTwice([{ kind: 'next_open_period' }, set])).toEqual(['charge_end_date'])
    expect(findTwice([{ kind: 'agreement_of_type', type_id: 't1' }, set])).toEqual([])
  })
})

describe('words', () => {
  test.each([
    [{ kind: 'set' as const, field: 'excluded', value: true }, 'Exclude'],
    [{ kind: 'set' as const, field: 'charge_start_date', value: '2026-10-20' }, 'Charge start: 20 Oct 2026'],
    [{ kind: 'set' as const, field: 'agreement_id', value: 'a1' }, 'Agreement: Cloud Services'],
    [{ kind: 'clear' as const, fields: ['agreement_id'] }, 'Clear edits of Agreement'],
    [{ kind: 'next_open_period' as const }, 'Move to the next open period'],
  ])('a change is a sentence: %o', (change, words) => {
    expect(changeInWords(change, NAMES, t)).toBe(words)
  })

  test('an open end, a switch and nothing are said in words', () => {
    expect(valueInWords('charge_end_date', null, NAMES, t)).toBe('Open')
    expect(valueInWords('excluded', false, NAMES, t)).toBe('no')
    expect(valueInWords('agreement_id', null, NAMES, t)).toBe('–')
    expect(skipReasonLabel('invoiced')).toBe('Already invoiced')
  })
})

describe('scope', () => {
  test('a selection is sent only when all of it is read and it is not too long', () => {
    expect(isSendable({ count: 2, ids: ['a', 'b'] })).toBe(true)
    expect(isSendable({ count: 3, ids: ['a', 'b'] })).toBe(false)
    expect(isSendable({ count: 5_001, ids: Array.from({ length: 5_001 }, String) })).toBe(false)
  })

  test('a filter goes as it is, and reads as a sentence', () => {
    const { filter } = scopeOf('filter', { period: '2026-10', status: 'held' }, { count: 1, ids: ['a'] })
    expect(filter).toEqual({ period: '2026-10', status: ['held'] })
    expect(filterInWords(filter!, [], [], t)).toBe('October 2026 · Held')
    expect(filterInWords({ status: [] }, [], [], t)).toBe('Every line of every month')
  })
})
