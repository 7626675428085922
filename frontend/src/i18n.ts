/**
 * Sentences with plurals and numbers. The English ICU sentence is its own key, as in gettext:
 * pages read like prose, and a translation is one map from English to the other language.
 */

import { useCallback } from 'react'
import { useIntl } from 'react-intl'

type Values = Record<string, string | number | boolean | Date | null | undefined>

export type Translate = (sentence: string, values?: Values) => string

export function useT(): Translate {
  const intl = useIntl()
  return useCallback(
    (sentence, values) => intl.formatMessage({ id: sentence, defaultMessage: sentence }, values),
    [intl],
  )
}
