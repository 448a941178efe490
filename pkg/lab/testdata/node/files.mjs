// Files that are sent.
import assert from 'node:assert/strict'
import { ask, base64, numbered, nth, refused, tokened, until, v1, v3 } from './sdk.mjs'

const text = 'a+b & c=d\n你好 ~*%\n'

async function send(client, fields) {
  const { invokeId } = await ask(client, 'SendFile', {
    name: 'greeting.txt', targetDir: '/opt/node sdk', content: text, instanceId: [nth(5)], ...fields,
  })
  assert.match(invokeId, /^f-/)
  return invokeId
}

async function delivered(client, invokeId) {
  const question = async () => {
    const answer = await ask(client, 'DescribeSendFileResults', { invokeId })
    assert.equal(answer.totalCount, 1)
    return answer.invocations.invocation[0]
  }
  return until('the file has been delivered', question, (it) => !['Pending', 'Running'].includes(it.invocationStatus))
}

async function sendsAndDescribes(client, targetDir) {
  const invokeId = await send(client, {
    targetDir, instanceId: [nth(5), nth(6)], description: 'for all', fileMode: '0600', tag: [{ key: 'by', value: 'node' }],
  })
  const sent = await delivered(client, invokeId)
  assert.equal(sent.invocationStatus, 'Success')
  assert.equal(sent.invokeId, invokeId)
  assert.equal(sent.name, 'greeting.txt')
  assert.equal(sent.targetDir, targetDir)
  assert.equal(sent.content, text)
  assert.equal(sent.contentType, 'PlainText')
  assert.equal(sent.description, 'for all')
  assert.equal(sent.fileMode, '0600')
  assert.equal(sent.fileOwner, 'root')
  assert.equal(sent.fileGroup, 'root')
  assert.equal(sent.overwrite, 'false')
  assert.equal(sent.vmCount, 2)
  assert.deepEqual(sent.tags.tag.map((tag) => [tag.tagKey, tag.tagValue]), [['by', 'node']])
  assert.deepEqual(sent.invokeInstances.invokeInstance.map((it) => it.instanceId), [nth(5), nth(6)])
  for (const it of sent.invokeInstances.invokeInstance) {
    assert.equal(it.invocationStatus, 'Success')
    assert.equal(it.errorCode, '')
    const times = [sent.creationTime, it.creationTime, it.startTime, it.finishTime, it.updateTime]
    assert.ok(times.every((time) => time !== ''))
    assert.deepEqual([...times].sort(), times)
  }
}

export const files = {
  'of plain text': () => sendsAndDescribes(v3, '/opt/v3'),
  'of plain text, by V1': () => sendsAndDescribes(v1, '/opt/v1'),

  async 'of Base64, which may go over others'() {
    const content = Buffer.from([0, 1, 0xfe, 0xff]).toString('base64')
    const fields = { targetDir: '/opt/binary', name: 'four', content, contentType: 'Base64' }
    const sent = await delivered(v3, await send(v3, fields))
    assert.equal(sent.invocationStatus, 'Success')
    assert.equal(sent.contentType, 'Base64')
    assert.equal(sent.content, content)

    const again = await delivered(v3, await send(v3, fields))
    assert.equal(again.invocationStatus, 'Failed')
    assert.equal(again.invokeInstances.invokeInstance[0].invocationStatus, 'Invalid')
    assert.equal(again.invokeInstances.invokeInstance[0].errorCode, 'FileAlreadyExists')

    const over = await delivered(v3, await send(v3, { ...fields, overwrite: true }))
    assert.equal(over.invocationStatus, 'Success')
    assert.equal(over.overwrite, 'true')
  },

  async 'once for a clientToken'() {
    const fields = { targetDir: '/opt/once', clientToken: 'send-once' }
    const invokeId = await send(v3, fields)
    assert.equal(await send(v3, fields), invokeId)
    assert.equal(await send(v1, fields), invokeId)
    await refused(send(v3, { ...fields, name: 'other' }), 403, 'IdempotentParameterMismatch')
    await delivered(v3, invokeId)
  },

  async 'by pages of both styles'() {
    const ids = []
    for (let n = 0; n < 5; n++) ids.unshift(await send(v3, { name: 'paged', targetDir: `/opt/page/${n}` }))
    for (const id of ids) await delivered(v3, id)
    const page = async (fields) => {
      const answer = await ask(v3, 'DescribeSendFileResults', { name: 'paged', invocationStatus: 'Success', ...fields })
      return [answer.invocations.invocation.map((it) => it.invokeId), answer]
    }
    assert.deepEqual(await numbered(page, 2), ids)
    assert.deepEqual(await tokened(page, 2), { items: ids, sizes: [2, 2, 1] })
  },

  async 'that are too large, or go nowhere'() {
    const content = base64('x'.repeat(24 * 1024 + 1))
    await refused(send(v3, { content, contentType: 'Base64' }), 400, 'InvalidParameter.Content')
    await refused(send(v3, { instanceId: ['i-none'] }), 404, 'InvalidInstance.NotFound')
  },
}
