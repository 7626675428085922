/** A plan on its way. */

import { Loader } from '@mantine/core'
import { useT } from '@/i18n'
import classes from './plans.module.css'

export function Computing() {
  const t = useT()
  return (
    <div className={classes.computing} role="status" data-testid="plan-computing">
      <Loader size="sm" type="dots" />
      <span>{t('Comparing what ConnectWise should hold with what it holds…')}</span>
    </div>
  )
}
