// Reads lines of JSON, {filter, input, flags}, and writes a line for each with the results of the versions of jq:
// {"1.7": {stdout, exitCode}, …}. The first argument is the directory with their node_modules.
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
