// The same service by the official core client of Node, which has no types, signs by V1, and sends what it is given in
// the query by GET and in a form by POST.
import assert from 'node:assert/strict'
import pop from '@alicloud/pop-core'
import { nth, region, until } from './sdk.mjs'

const securityToken = process.env.LAB_STS_TOKEN

function connect(settings = {}) {
  return new pop.RPCClient({
    endpoint: `http://${process.env.LAB_ENDPOINT}`, apiVersion: '2014-05-26',
    accessKeyId: process.env.ALIBABA_CLOUD_ACCESS_KEY_ID, accessKeySecret: process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET,
    ...settings,
  })
}

const methods = ['GET', 'POST']
const client = connect()
const ask = (action, fields, method) => client.request(action, { RegionId: region, ...fields }, { method })

// results waits until an invocation has ended, and gives its results in plain text.
function results(InvokeId, method) {
  const question = async () => {
    const { Invocation } = await ask('DescribeInvocationResults', { InvokeId, ContentEncoding: 'PlainText' }, method)
    return Invocation.InvocationResults.InvocationResult
  }
  return until('the invocation ends', question, (all) => all.every((it) => it.InvokeRecordStatus === 'Finished'))
}

export const coreClient = {
  async 'a script with lists, labels, odd letters and an empty value'() {
    for (const method of methods) {
      const { InvokeId } = await ask('RunCommand', {
        Type: 'RunShellScript', CommandContent: `printf '%s\\n' "ä & b=c+d 你好 *~()! {{who}}"`, EnableParameter: true,
        Parameters: JSON.stringify({ who: "o'k" }), InstanceId: [nth(1), nth(2)], Tag: [{ Key: 'team', Value: '' }], Name: '',
      }, method)
      const all = await results(InvokeId, method)
      assert.deepEqual(all.map((it) => it.InstanceId), [nth(1), nth(2)])
      for (const it of all) {
        assert.equal(it.Output, "ä & b=c+d 你好 *~()! o'k\n")
        assert.deepEqual(it.Tags.Tag.map((tag) => ({ ...tag })), [{ TagKey: 'team', TagValue: '' }])
      }
    }
  },

  async 'a script that makes the URL longer than 24 KB'() {
    for (const method of methods) {
      const CommandContent = `echo ok\n#${'é'.repeat(8_000)}` // six letters of a URL each
      const { InvokeId } = await ask('RunCommand', { Type: 'RunShellScript', CommandContent, InstanceId: [nth(1)] }, method)
      const [only] = await results(InvokeId, method)
      assert.equal(only.Output, 'ok\n')
    }
  },

  async 'a token of STS'() {
    const endpoint = `http://${process.env.LAB_STS_ENDPOINT}`
    for (const method of methods) {
      const answer = await connect({ endpoint, securityToken }).request('DescribeInstances', { RegionId: region }, { method })
      assert.equal(answer.TotalCount, 1)
      const without = connect({ endpoint }).request('DescribeInstances', { RegionId: region }, { method })
      await assert.rejects(without, { code: 'MissingSecurityToken' })
    }
  },

  async 'what is refused'() {
    for (const method of methods) {
      await assert.rejects(ask('NoSuchAction', {}, method), { name: 'InvalidApi.NotFoundError', code: 'InvalidApi.NotFound' })
      await assert.rejects(ask('RunCommand', {}, method), { code: 'MissingParameter.Type' })
      const wrong = connect({ accessKeySecret: 'wrong' }).request('DescribeRegions', {}, { method })
      await assert.rejects(wrong, { code: 'SignatureDoesNotMatch', message: new RegExp(`server string to sign is:${method}&%2F&AccessKeyId%3D`) })
    }
  },
}
