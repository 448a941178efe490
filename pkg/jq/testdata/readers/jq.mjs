// Reads lines of JSON, {filter, input, flags}, and writes for each a line with what the versions of jq make of it:
// {"1.7": {stdout, exitCode}, …}. The directory of their node_modules is the first argument.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const require = createRequire(process.argv[2] + '/')
const versions = ['1.7', '1.8'].map((version) => [version, require('jq-' + version)])
for await (const line of createInterface({ input: process.stdin })) {
  const { filter, input, flags } = JSON.parse(line)
  const results = {}
  for (const [version, jq] of versions) {
    const { stdout, exitCode } = await jq.raw(input, filter, flags)
    results[version] = { stdout, exitCode }
  }
  process.stdout.write(JSON.stringify(results) + '\n')
}
