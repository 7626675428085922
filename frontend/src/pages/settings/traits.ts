/** Words for what can be learned of a PSA, and the values that a person can fix. */

export const TRAITS: Record<string, string> = {
  price_decimals: 'Decimals kept of a unit price',
  quantity_decimals: 'Decimals kept of a quantity',
  catches_up: 'Days that earlier invoices missed',
  proration_rounds: 'Rounded where days are prorated',
}

interface Choice {
  value: string
  label: string
  means: number | boolean | string
}

const MOST_DECIMALS = 8

const DECIMALS: Choice[] = Array.from({ length: MOST_DECIMALS + 1 }, (_, count) => ({
  value: String(count),
  label: String(count),
  means: count,
}))

const CHOICES: Record<string, Choice[]> = {
  catches_up: [
    { value: 'true', label: 'Billed with the next invoice', means: true },
    { value: 'false', label: 'Never billed', means: false },
  ],
  proration_rounds: [
    { value: 'unit_price', label: 'The price of one', means: 'unit_price' },
    { value: 'amount', label: 'The whole amount', means: 'amount' },
  ],
}

export const choicesOf = (trait: string): Choice[] => CHOICES[trait] ?? DECIMALS
