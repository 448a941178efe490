// The same service by the official core client of Node, which has no types, signs by V1, and sends what it is given in
// the query by GET and in a form by POST.
import assert from 'node:assert/strict'
import pop from '@alicloud/pop-core'
import { nth, region, until } from './sdk.mjs'

function connect(settings = {}) {
  return new pop.RPCClient({
    endpoint: process.env.LAB_URL, apiVersion: '2014-05-26',
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

  async 'the keys of a role'() {
    const RoleArn = 'acs:ram::1000000000000001:role/deploy'
    for (const method of methods) {
      const own = { apiVersion: '2015-04-01' }
      const sts = connect(own)
      const { Credentials } = await sts.request('AssumeRole', { RoleArn, RoleSessionName: 'node', DurationSeconds: 900 }, { method })
      const keys = { accessKeyId: Credentials.AccessKeyId, accessKeySecret: Credentials.AccessKeySecret }
      const temporary = { ...keys, securityToken: Credentials.SecurityToken }
      const answer = await connect(temporary).request('DescribeInstances', { RegionId: region }, { method })
      assert.ok(answer.TotalCount > 1)
      const identity = await connect({ ...own, ...temporary }).request('GetCallerIdentity', {}, { method })
      assert.equal(identity.Arn, 'acs:ram::1000000000000001:assumed-role/deploy/node')
      const without = connect(keys).request('DescribeInstances', { RegionId: region }, { method })
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
