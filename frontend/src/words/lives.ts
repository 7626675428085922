/** The words for additions over time: what one is, and whether it bills on. */

import type { LifeAddition } from '@/api/additions'
import type { Word } from './word'

export const LIFE_STATES: Record<LifeAddition['state'], Word> = {
  open: { label: 'Bills', tone: 'sent', meaning: 'It bills every period it touches.' },
  ended: { label: 'Ended', tone: 'quiet', meaning: 'Its last billed day is past.' },
  gone: { label: 'Gone', tone: 'failed', meaning: 'ConnectWise no longer has it.' },
}

export const ADOPTED: Word = {
  label: 'Adopted',
  tone: 'accent',
  meaning: 'Made by hand before, and taken over.',
}
