import { bulkHandlers } from './bulk.ts'
import { lifeHandlers } from './life.ts'
import { lineHandlers } from './lines.ts'
import { mappingHandlers, sessionHandlers, settingsHandlers } from './settings.ts'
import { workHandlers } from './work.ts'
import type { World } from './world.ts'

export function makeHandlers(world: World, takesMs?: number) {
  return [
    ...sessionHandlers(world),
    ...lifeHandlers(world),
    ...bulkHandlers(world, takesMs),
    ...lineHandlers(world),
    ...workHandlers(world, takesMs),
    ...mappingHandlers(world),
    ...settingsHandlers(world),
  ]
}
