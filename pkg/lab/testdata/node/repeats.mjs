// Scripts that are run later, or more than once.
import assert from 'node:assert/strict'
import { ask, invocation, nth, refused, resultOf, settled, until, v1, v3 } from './sdk.mjs'

const later = (client, fields) => ask(client, 'RunCommand', {
  type: 'RunShellScript', commandContent: 'echo ran', instanceId: [nth(4)], timeout: 20, ...fields,
})

async function repeatsUntilStopped(client) {
  const { invokeId } = await later(client, { repeatMode: 'Period', frequency: 'rate(60s)' })
  const waiting = await invocation(client, invokeId)
  assert.equal(waiting.invocationStatus, 'Scheduled')
  assert.equal(waiting.invokeStatus, 'Running')
  assert.equal(waiting.repeatMode, 'Period')
  assert.equal(waiting.frequency, 'rate(60s)')
  assert.equal(waiting.timed, true)
  const [instance] = waiting.invokeInstances.invokeInstance
  assert.equal(instance.invocationStatus, 'Scheduled')
  assert.equal(instance.timed, true)
  assert.equal(instance.repeats, 0)
  assert.equal(instance.startTime, '')
  const count = async (filter) => (await ask(client, 'DescribeInvocations', { invokeId, ...filter })).totalCount
  assert.equal(await count({ timed: true }), 1)
  assert.equal(await count({ timed: false }), 0)
  assert.equal(await count({ repeatMode: 'Period', invokeStatus: 'Scheduled' }), 1)

  await ask(client, 'StopInvocation', { invokeId })
  const stopped = await settled(client, invokeId)
  assert.equal(stopped.invocationStatus, 'Stopped')
  assert.equal(stopped.invokeInstances.invokeInstance[0].invocationStatus, 'Cancelled')
  assert.notEqual(stopped.invokeInstances.invokeInstance[0].stopTime, '')
  assert.equal(await count({ timed: false }), 1)
}

export const repeats = {
  'at a rate, until they are stopped': () => repeatsUntilStopped(v3),
  'at a rate, until they are stopped, by V1': () => repeatsUntilStopped(v1),

  async 'at a time, with a history'() {
    const due = new Date(Date.now() + 3500).toISOString().slice(0, 19).replace('T', ' ')
    const { invokeId } = await later(v3, { frequency: `at(${due})` })
    const whole = await settled(v3, invokeId)
    assert.equal(whole.invocationStatus, 'Success')
    assert.equal(whole.repeatMode, 'Period')
    const result = await resultOf(v3, invokeId)
    assert.equal(result.output, 'ran\n')
    assert.equal(result.repeats, 1)
    assert.ok(Date.parse(result.startTime) >= Date.parse(due.replace(' ', 'T') + 'Z'))
    const fields = { invokeId, includeHistory: true, contentEncoding: 'PlainText' }
    const { invocation } = await ask(v3, 'DescribeInvocationResults', fields)
    assert.deepEqual(invocation.invocationResults.invocationResult, [result])
  },

  async 'by a cron, at the next start, and at every one'() {
    const cron = { frequency: '0 0 12 ? * MON-FRI 2099 Asia/Tokyo' }
    for (const fields of [cron, { repeatMode: 'NextRebootOnly' }, { repeatMode: 'EveryReboot' }]) {
      const { invokeId } = await later(v3, fields)
      assert.equal((await invocation(v3, invokeId)).invocationStatus, 'Scheduled')
      await ask(v3, 'StopInvocation', { invokeId })
      assert.equal((await settled(v3, invokeId)).invocationStatus, 'Stopped')
    }
  },

  async 'or never: a dry run'() {
    const { invokeId } = await later(v3, { repeatMode: 'DryRun' })
    assert.equal((await ask(v3, 'DescribeInvocations', { invokeId })).totalCount, 0)
    await refused(later(v3, { repeatMode: 'DryRun', instanceId: ['i-none'] }), 404, 'InvalidInstance.NotFound')
  },

  async 'with a frequency that is none'() {
    await refused(later(v3, { repeatMode: 'Period' }), 400, 'MissingParam.Frequency')
    await refused(later(v3, { frequency: 'rate(59s)' }), 400, 'InvalidParam.Frequency')
    await refused(later(v3, { frequency: 'daily' }), 400, 'InvalidParam.Frequency')
    await refused(later(v3, { repeatMode: 'Sometimes' }), 404, 'InvalidRepeatMode.NotFound')
  },
}
