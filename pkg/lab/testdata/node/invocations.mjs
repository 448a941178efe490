// Saved commands that are run.
import assert from 'node:assert/strict'
import { ask, base64, invocation, numbered, nth, refused, resultOf, settled, tokened, v1, v3 } from './sdk.mjs'

async function saves(client, script, fields) {
  const { commandId } = await ask(client, 'CreateCommand', {
    name: 'invoked', type: 'RunShellScript', commandContent: base64(script), ...fields,
  })
  return commandId
}

async function invokesWithParameters(client) {
  const script = 'echo "{{ greeting }}, $(hostname)"'
  const commandId = await saves(client, script, { name: 'greet', description: 'says it', enableParameter: true, timeout: 30 })
  const { invokeId } = await ask(client, 'InvokeCommand', {
    commandId, instanceId: [nth(1), nth(2)], parameters: { greeting: '你好 & "all" + 1%' }, tag: [{ key: 'by', value: 'node' }],
    workingDir: '/', timeout: 20, // double quotes end the script's own, and are none of what is printed
  })
  assert.match(invokeId, /^t-/)
  const plain = await settled(client, invokeId)
  assert.equal(plain.invocationStatus, 'Success')
  assert.equal(plain.invokeStatus, 'Finished')
  assert.equal(plain.commandId, commandId)
  assert.equal(plain.commandName, 'greet')
  assert.equal(plain.commandDescription, 'says it')
  assert.equal(plain.commandType, 'RunShellScript')
  assert.equal(plain.commandContent, script)
  assert.deepEqual(JSON.parse(plain.parameters), { greeting: '你好 & "all" + 1%' })
  assert.equal(plain.repeatMode, 'Once')
  assert.equal(plain.timed, false)
  assert.equal(plain.timeout, 20)
  assert.equal(plain.workingDir, '/')
  assert.equal(plain.frequency, '')
  assert.deepEqual(plain.tags.tag.map((tag) => [tag.tagKey, tag.tagValue]), [['by', 'node']])
  assert.deepEqual(plain.invokeInstances.invokeInstance.map((it) => it.instanceId), [nth(1), nth(2)])
  plain.invokeInstances.invokeInstance.forEach((it, i) => {
    assert.equal(it.output, `你好 & all + 1%, lab-00${i + 1}\n`)
    assert.equal(it.invocationStatus, 'Success')
    assert.equal(it.instanceInvokeStatus, 'Finished')
    assert.equal(it.exitCode, 0)
    assert.equal(it.dropped, 0)
    assert.equal(it.repeats, 1)
    assert.equal(it.timed, false)
    assert.equal(it.errorCode, '')
    assert.equal(it.errorInfo, '')
    assert.equal(it.stopTime, '')
    const times = [plain.creationTime, it.creationTime, it.startTime, it.finishTime, it.updateTime]
    assert.ok(times.every((time) => time !== ''))
    assert.deepEqual([...times].sort(), times)
  })
  const encoded = await invocation(client, invokeId, { contentEncoding: undefined, instanceId: nth(2) })
  assert.equal(encoded.commandContent, base64(script))
  assert.equal(encoded.invokeInstances.invokeInstance.length, 1)
  assert.equal(encoded.invokeInstances.invokeInstance[0].output, base64('你好 & all + 1%, lab-002\n'))
  const silent = await invocation(client, invokeId, { includeOutput: false })
  assert.ok(!silent.invokeInstances.invokeInstance[0].output)

  const { commands } = await ask(client, 'DescribeCommands', { commandId })
  assert.equal(commands.command[0].invokeTimes, 1)
}

export const invocations = {
  'with parameters': () => invokesWithParameters(v3),
  'with parameters, by V1': () => invokesWithParameters(v1),

  async 'with parameters that are none'() {
    const commandId = await saves(v3, 'echo "{{a}}"', { enableParameter: true })
    const send = (parameters) => ask(v3, 'InvokeCommand', { commandId, instanceId: [nth(1)], parameters })
    const { invokeId } = await send({})
    assert.equal((await settled(v3, invokeId)).parameters, '{}')
    assert.equal((await resultOf(v3, invokeId)).output, '\n')
    await refused(send({ b: '1' }), 403, 'Parameter.NotMatched')
  },

  async 'of 60 instances, with their results by pages of both styles'() {
    const commandId = await saves(v3, 'hostname; [ $(hostname) != lab-060 ]')
    const instanceId = Array.from({ length: 60 }, (_, i) => nth(i + 1))
    const { invokeId } = await ask(v3, 'InvokeCommand', { commandId, instanceId })
    const whole = await settled(v3, invokeId)
    assert.equal(whole.invocationStatus, 'PartialFailed')
    assert.equal(whole.invokeStatus, 'Finished')
    assert.equal(whole.invokeInstances.invokeInstance.length, 60)

    const page = async (fields) => {
      const { invocation } = await ask(v3, 'DescribeInvocationResults', { invokeId, ...fields })
      return [invocation.invocationResults.invocationResult, invocation]
    }
    const { items, sizes } = await tokened(page, 50)
    assert.deepEqual(sizes, [50, 10])
    items.forEach((result, i) => {
      assert.equal(result.instanceId, nth(i + 1))
      assert.equal(result.invokeId, invokeId)
      assert.equal(result.commandId, commandId)
      assert.equal(Buffer.from(result.output, 'base64').toString('utf8'), `lab-0${String(i + 1).padStart(2, '0')}\n`)
      assert.equal(result.exitCode, i === 59 ? 1 : 0)
      assert.equal(result.invocationStatus, i === 59 ? 'Failed' : 'Success')
      assert.equal(result.invokeRecordStatus, 'Finished')
      assert.equal(result.errorCode, i === 59 ? 'ExitCodeNonzero' : '')
      assert.equal(result.dropped, 0)
      assert.equal(result.repeats, 1)
      assert.ok(result.startTime !== '' && result.startTime <= result.finishedTime)
    })
    assert.deepEqual(await numbered(page, 50), items)
    assert.deepEqual((await tokened(page, 10)).sizes, [10, 10, 10, 10, 10, 10])
    assert.equal((await page({}))[0].length, 10)
    await refused(page({ maxResults: 51 }), 400, 'InvalidParameter.MaxResults')

    const failed = await tokened((fields) => page({ invokeRecordStatus: 'Failed', ...fields }), 50)
    assert.deepEqual(failed.items.map((result) => result.instanceId), [nth(60)])
    assert.equal((await page({ instanceId: nth(7) }))[0][0].instanceId, nth(7))
  },

  async 'by pages of both styles'() {
    const commandId = await saves(v3, 'true', { name: 'paged' })
    const ids = []
    for (let n = 0; n < 7; n++) {
      const { invokeId } = await ask(v3, 'InvokeCommand', { commandId, instanceId: [nth(n + 1)] })
      ids.unshift(invokeId)
    }
    for (const filter of [{ commandId }, { commandName: 'paged' }, { commandName: 'paged', commandType: 'RunShellScript' }]) {
      const page = async (fields) => {
        const answer = await ask(v3, 'DescribeInvocations', { ...filter, ...fields })
        return [answer.invocations.invocation.map((it) => it.invokeId), answer]
      }
      assert.deepEqual(await numbered(page, 3), ids)
      assert.deepEqual(await tokened(page, 3), { items: ids, sizes: [3, 3, 1] })
    }
    for (const id of ids) await settled(v3, id)
    const { totalCount } = await ask(v3, 'DescribeInvocations', { commandId, invokeStatus: 'Finished' })
    assert.equal(totalCount, 7)
  },

  async 'once for a clientToken'() {
    const commandId = await saves(v3, 'true')
    const send = async (client, fields) => {
      const once = { commandId, instanceId: [nth(1)], clientToken: 'invoke-once' }
      const { invokeId } = await ask(client, 'InvokeCommand', { ...once, ...fields })
      return invokeId
    }
    const invokeId = await send(v3)
    assert.equal(await send(v3), invokeId)
    assert.equal(await send(v1), invokeId)
    await refused(send(v3, { timeout: 20 }), 403, 'IdempotentParameterMismatch')
    await settled(v3, invokeId)
    assert.equal((await ask(v3, 'DescribeInvocations', { commandId })).totalCount, 1)
  },

  async 'on instances found by their tags'() {
    const commandId = await saves(v3, 'true')
    const send = (value) => ask(v3, 'InvokeCommand', {
      commandId, resourceTag: [{ key: 'index', value }, { key: 'env', value: 'lab' }],
    })
    const { invokeId } = await send('3')
    const { invokeInstances } = await settled(v3, invokeId)
    assert.deepEqual(invokeInstances.invokeInstance.map((it) => it.instanceId), [nth(3)])
    await refused(send('none'), 400, 'InvalidResourceTag.InstanceNotFound')
  },
}
