// Saved commands.
import assert from 'node:assert/strict'
import { ask, base64, numbered, nth, refused, settled, tokened, v1, v3 } from './sdk.mjs'

const script = 'echo "{{greeting}}, 世界 + 100% * ~"\n'

async function described(client, commandId, fields) {
  const answer = await ask(client, 'DescribeCommands', { commandId, ...fields })
  assert.equal(answer.totalCount, answer.commands.command.length)
  return answer.commands.command[0]
}

// saves makes a command that runs a script.
async function saves(client, fields) {
  const { commandId } = await ask(client, 'CreateCommand', {
    name: 'saved', type: 'RunShellScript', commandContent: base64('true'), ...fields,
  })
  assert.match(commandId, /^c-/)
  return commandId
}

async function createsAndDescribes(client) {
  const commandId = await saves(client, {
    name: 'greet & go', commandContent: base64(script), description: 'a+b=c; 你好', enableParameter: true, timeout: 30,
    tag: [{ key: 'use', value: 'greeting' }, { key: 'empty', value: '' }],
  })
  const command = await described(client, commandId)
  assert.equal(command.commandContent, base64(script))
  assert.equal(command.name, 'greet & go')
  assert.equal(command.description, 'a+b=c; 你好')
  assert.equal(command.type, 'RunShellScript')
  assert.equal(command.timeout, 30)
  assert.equal(command.enableParameter, true)
  assert.equal(command.invokeTimes, 0)
  assert.ok(Math.abs(Date.parse(command.creationTime) - Date.now()) < 10 * 60_000)
  assert.deepEqual(command.parameterNames.parameterName, ['greeting'])
  assert.deepEqual(command.tags.tag.map((tag) => [tag.tagKey, tag.tagValue]), [['use', 'greeting'], ['empty', '']])

  assert.equal((await described(client, commandId, { contentEncoding: 'PlainText' })).commandContent, script)
  assert.equal((await described(client, commandId, { name: 'greet*' })).commandId, commandId)
  assert.equal((await described(client, commandId, { tag: [{ key: 'use', value: 'greeting' }] })).commandId, commandId)
  assert.equal(await described(client, commandId, { name: 'greet' }), undefined)
  assert.equal(await described(client, commandId, { provider: 'AlibabaCloud' }), undefined)
}

export const commands = {
  'created from Base64, and described': () => createsAndDescribes(v3),
  'created from Base64, and described, by V1': () => createsAndDescribes(v1),

  async 'created from plain text'() {
    const commandId = await saves(v3, { commandContent: script, contentEncoding: 'PlainText' })
    const command = await described(v3, commandId)
    assert.equal(command.commandContent, base64(script))
    assert.equal(command.timeout, 60)
    assert.equal(command.enableParameter, false)
  },

  async 'as large as they may be'() {
    const large = '#'.repeat(18 * 1024 - 6) + '\ntrue\n' // 24 KB in Base64
    for (const client of [v3, v1]) {
      const commandId = await saves(client, { commandContent: base64(large) })
      assert.equal((await described(client, commandId)).commandContent, base64(large))
      const more = { name: 'more', type: 'RunShellScript', commandContent: base64(large + '####') }
      await refused(ask(client, 'CreateCommand', more), 403, 'CmdContent.ExceedLimit')
    }
  },

  async 'by pages of both styles'() {
    const ids = []
    for (let n = 0; n < 12; n++) ids.unshift(await saves(v3, { name: `page-${n}` }))
    const page = async (fields) => {
      const answer = await ask(v3, 'DescribeCommands', { name: 'page-*', ...fields })
      return [answer.commands.command.map((command) => command.commandId), answer]
    }
    assert.deepEqual(await numbered(page, 5), ids)
    assert.deepEqual(await tokened(page, 5), { items: ids, sizes: [5, 5, 2] })
    assert.equal((await page({}))[0].length, 10)
    await refused(page({ maxResults: 51 }), 400, 'InvalidParameter.MaxResults')
    await refused(page({ nextToken: 'none' }), 400, 'InvalidParameter.NextToken')
  },

  async 'created once for a clientToken'() {
    const fields = { clientToken: 'create-once', name: 'once' }
    const commandId = await saves(v3, fields)
    assert.equal(await saves(v3, fields), commandId)
    assert.equal(await saves(v1, fields), commandId)
    await refused(saves(v3, { ...fields, description: 'changed' }), 403, 'IdempotentParameterMismatch')
  },

  async 'modified'() {
    const commandId = await saves(v3, { name: 'before', timeout: 20 })
    await ask(v3, 'ModifyCommand', {
      commandId, name: 'after', description: 'now', workingDir: '/tmp', timeout: 40, commandContent: base64('false'),
    })
    const command = await described(v3, commandId)
    assert.equal(command.name, 'after')
    assert.equal(command.description, 'now')
    assert.equal(command.workingDir, '/tmp')
    assert.equal(command.timeout, 40)
    assert.equal(command.commandContent, base64('true')) // which cannot be modified
    await refused(ask(v3, 'ModifyCommand', { commandId: 'c-none', name: 'x' }), 404, 'InvalidCmdId.NotFound')
  },

  async 'deleted, but not while they run'() {
    const commandId = await saves(v3, { commandContent: base64('sleep 60') })
    const { invokeId } = await ask(v3, 'InvokeCommand', { commandId, instanceId: [nth(1)] })
    await refused(ask(v3, 'DeleteCommand', { commandId }), 403, 'InvalidStatus.CmdIdInUse')
    await ask(v3, 'StopInvocation', { invokeId })
    await settled(v3, invokeId)
    await ask(v3, 'DeleteCommand', { commandId })
    assert.equal(await described(v3, commandId), undefined)
    await refused(ask(v3, 'DeleteCommand', { commandId }), 404, 'InvalidCmdId.NotFound')
    await refused(ask(v3, 'InvokeCommand', { commandId, instanceId: [nth(1)] }), 404, 'InvalidCmdId.NotFound')
  },
}
