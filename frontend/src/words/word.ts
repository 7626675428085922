/** What a state is called: keys from the API, sentences for people. */

export type Tone = 'ready' | 'held' | 'failed' | 'sent' | 'quiet' | 'preview' | 'accent'

export interface Word {
  label: string
  tone: Tone
  meaning: string
}
