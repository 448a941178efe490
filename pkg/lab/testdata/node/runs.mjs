// Scripts that are run at once.
import assert from 'node:assert/strict'
import { ask, base64, invocation, nth, refused, resultOf, run, settled, until, v1, v3 } from './sdk.mjs'

const odd = "printf '%s\\n' 'a+b & c=d; 100% * ~ ÅÄÖ 世界 🙂'; echo no >&2\n"
const oddOutput = 'a+b & c=d; 100% * ~ ÅÄÖ 世界 🙂\nno\n'

// sleeper sends a script that goes on for longer than anybody waits, and comes back when it runs.
async function sleeper(client) {
  const { invokeId } = await ask(client, 'RunCommand', {
    type: 'RunShellScript', commandContent: 'echo began; exec sleep 300', instanceId: [nth(2)], timeout: 300,
  })
  const began = (it) => it.invokeInstances.invokeInstance[0].output === 'began\n'
  await until('the script writes', () => invocation(client, invokeId), began)
  return invokeId
}

async function runsTextAndBase64(client) {
  for (const fields of [
    { commandContent: odd }, { commandContent: odd, contentEncoding: 'PlainText' },
    { commandContent: base64(odd), contentEncoding: 'Base64' }, { commandContent: odd, contentEncoding: 'other' },
  ]) {
    const result = await run(client, fields)
    assert.equal(result.output, oddOutput)
    assert.equal(result.exitCode, 0)
    assert.equal(result.invocationStatus, 'Success')
    const { invocation } = await ask(client, 'DescribeInvocationResults', { invokeId: result.invokeId })
    assert.equal(invocation.invocationResults.invocationResult[0].output, base64(oddOutput))
  }
}

export const runs = {
  'of plain text and Base64': () => runsTextAndBase64(v3),
  'of plain text and Base64, by V1': () => runsTextAndBase64(v1),

  async 'as large as they may be'() {
    const fill = '#'.repeat(18 * 1024 - 9)
    for (const client of [v3, v1]) assert.equal((await run(client, { commandContent: `echo ok\n${fill}` })).output, 'ok\n')
    const fields = { type: 'RunShellScript', instanceId: [nth(1)], commandContent: `echo ok\n${fill}####` }
    await refused(ask(v3, 'RunCommand', fields), 403, 'CmdContent.ExceedLimit')
  },

  async 'with what the instance knows, and with parameters'() {
    const result = await run(v3, {
      commandContent: 'echo {{ACS::RegionId}} {{ ACS::InstanceId }} {{ACS::InstanceName}} {{ACS::InvokeId}} {{name}}',
      enableParameter: true, parameters: { name: 'x y' },
    })
    assert.equal(result.output, `${process.env.LAB_REGION} ${nth(1)} lab-001 ${result.invokeId} x y\n`)
  },

  async 'with a shebang'() {
    const script = '#!/bin/cat\nof itself\n'
    assert.equal((await run(v3, { commandContent: script })).output, script)
  },

  async 'that are kept, or not'() {
    for (const keepCommand of [true, false, undefined]) {
      const { commandId, invokeId } = await ask(v3, 'RunCommand', {
        type: 'RunShellScript', commandContent: 'true', instanceId: [nth(1)], keepCommand, name: 'kept?',
      })
      await settled(v3, invokeId)
      assert.equal((await ask(v3, 'DescribeCommands', { commandId })).totalCount, keepCommand ? 1 : 0)
    }
  },

  async 'that fail'() {
    const result = await run(v3, { commandContent: 'echo before; exit 3' })
    assert.equal(result.exitCode, 3)
    assert.equal(result.invocationStatus, 'Failed')
    assert.equal(result.errorCode, 'ExitCodeNonzero')
    assert.equal(result.errorInfo, 'The command execution exit code is not zero.')
    assert.equal(result.output, 'before\n')
    const whole = await invocation(v3, result.invokeId)
    assert.equal(whole.invocationStatus, 'Failed')
    assert.equal(whole.invokeInstances.invokeInstance[0].errorCode, 'ExitCodeNonzero')
    assert.equal((await ask(v3, 'DescribeInvocations', { invokeId: result.invokeId, invokeStatus: 'Success' })).totalCount, 0)
  },

  async 'that nobody can be, or nowhere'() {
    assert.equal((await run(v3, { commandContent: 'true', username: 'no-such-user' })).errorCode, 'AccountNotExists')
    const result = await run(v3, { commandContent: 'true', workingDir: '/no/such/directory' })
    assert.equal(result.errorCode, 'DirectoryNotExists')
    assert.equal(result.invocationStatus, 'Invalid')
  },

  async 'that take too long'() {
    const result = await run(v3, { commandContent: 'echo before; sleep 300', timeout: 2 })
    assert.equal(result.invocationStatus, 'Timeout')
    assert.equal(result.errorCode, 'ExecutionTimeout')
    assert.equal(result.errorInfo, 'The command execution has been timeout.')
    assert.equal(result.output, 'before\n')
    assert.equal(Date.parse(result.finishedTime) - Date.parse(result.startTime), 2000)
    assert.equal((await invocation(v3, result.invokeId)).invocationStatus, 'Failed')
  },

  async 'that write too much'() {
    const result = await run(v3, { commandContent: 'seq 1 10000' })
    assert.ok(result.dropped > 0)
    assert.ok(result.output.endsWith('\n9999\n10000\n'))
    assert.ok(result.output.length <= 24 * 1024)
  },

  async 'that are stopped'() {
    for (const client of [v3, v1]) {
      const invokeId = await sleeper(client)
      const running = await invocation(client, invokeId)
      assert.equal(running.invocationStatus, 'Running')
      assert.equal(running.invokeInstances.invokeInstance[0].finishTime, '')
      await ask(client, 'StopInvocation', { invokeId, instanceId: [nth(2)] })
      const stopped = await settled(client, invokeId)
      assert.equal(stopped.invocationStatus, 'Stopped')
      assert.equal(stopped.invokeStatus, 'Stopped')
      const result = await resultOf(client, invokeId)
      assert.equal(result.invocationStatus, 'Terminated')
      assert.equal(result.invokeRecordStatus, 'Stopped')
      assert.notEqual(result.stopTime, '')
      assert.equal(result.output, 'began\n')
    }
    await refused(ask(v3, 'StopInvocation', { invokeId: 't-none' }), 404, 'InvalidInvokeId.NotFound')
  },

  async 'once for a clientToken'() {
    const fields = { type: 'RunShellScript', commandContent: 'true', instanceId: [nth(1)], clientToken: 'run-once' }
    const first = await ask(v3, 'RunCommand', fields)
    for (const client of [v3, v1]) {
      const again = await ask(client, 'RunCommand', fields)
      assert.equal(again.invokeId, first.invokeId)
      assert.equal(again.commandId, first.commandId)
    }
    await refused(ask(v3, 'RunCommand', { ...fields, commandContent: 'false' }), 403, 'IdempotentParameterMismatch')
    await refused(ask(v3, 'RunCommand', { ...fields, clientToken: 'x'.repeat(65) }), 400, 'InvalidClientToken.Malformed')
    await settled(v3, first.invokeId)
  },

  async 'on more instances than a call may name'() {
    const fields = { type: 'RunShellScript', commandContent: 'true' }
    const instanceId = Array.from({ length: 51 }, (_, i) => nth(i + 1))
    await refused(ask(v3, 'RunCommand', { ...fields, instanceId }), 403, 'InstanceIds.ExceedLimit')
    await refused(ask(v3, 'RunCommand', { ...fields, resourceTag: [{ key: 'env', value: 'lab' }] }), 403, 'InstanceIds.ExceedLimit')
  },
}
