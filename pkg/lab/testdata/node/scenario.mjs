// Has the service's official SDK, and its core client, do with a lab what people do with the service. They need
// LAB_URL, LAB_REGION and ALIBABA_CLOUD_ACCESS_KEY_ID and _SECRET of a lab of 60 instances whose first ListTagResources
// calls are throttled; and LAB_STS_ACCESS_KEY_ID, _SECRET and LAB_STS_TOKEN, temporary keys of the same lab.
import { commands } from './commands.mjs'
import { coreClient } from './core_client.mjs'
import { fields } from './fields.mjs'
import { files } from './files.mjs'
import { instances } from './instances.mjs'
import { invocations } from './invocations.mjs'
import { refusals } from './refusals.mjs'
import { repeats } from './repeats.mjs'
import { runs } from './runs.mjs'

let failed = 0
const parts = { instances, commands, invocations, runs, repeats, files, refusals, coreClient, fields }
for (const [part, steps] of Object.entries(parts)) {
  for (const [name, step] of Object.entries(steps)) {
    const started = performance.now()
    try {
      await step()
      console.log(`ok      ${part}: ${name} (${Math.round(performance.now() - started)} ms)`)
    } catch (error) {
      failed++
      console.log(`FAILED  ${part}: ${name}\n${error.stack}`)
    }
  }
}
console.log(failed ? `${failed} failed` : 'all is well')
process.exitCode = failed ? 1 : 0
