// What is refused to everybody.
import assert from 'node:assert/strict'
import { ask, connect, nth, refused, v1, v3 } from './sdk.mjs'

const accessKeyId = process.env.ALIBABA_CLOUD_ACCESS_KEY_ID
const accessKeySecret = process.env.ALIBABA_CLOUD_ACCESS_KEY_SECRET
const temporary = { accessKeyId: process.env.LAB_STS_ACCESS_KEY_ID, accessKeySecret: process.env.LAB_STS_ACCESS_KEY_SECRET }
const securityToken = process.env.LAB_STS_TOKEN
const signatures = { V3: {}, V1: { signatureAlgorithm: 'v2' } }

const script = { type: 'RunShellScript', commandContent: 'true', instanceId: [nth(1)] }

export const refusals = {
  async 'a wrong secret'() {
    for (const [name, settings] of Object.entries(signatures)) {
      const client = connect({ accessKeyId, accessKeySecret: 'wrong', ...settings })
      const error = await refused(ask(client, 'RunCommand', script), 400, 'SignatureDoesNotMatch')
      const begins = 'Specified signature is not matched with our calculation. server string to sign is:'
      const [, theirs] = error.data.Message.split(begins)
      assert.match(theirs, name === 'V1' ? /^POST&%2F&AccessKeyId%3D/ : /^ACS3-HMAC-SHA256\n[0-9a-f]{64}$/)
    }
  },

  async 'an unknown key'() {
    for (const settings of Object.values(signatures)) {
      const client = connect({ accessKeyId: 'nobody', accessKeySecret, ...settings })
      await refused(ask(client, 'DescribeInstances'), 404, 'InvalidAccessKeyId.NotFound')
    }
  },

  async 'a token of STS that is wrong, or not there'() {
    for (const settings of Object.values(signatures)) {
      const keys = { ...temporary, ...settings }
      await refused(ask(connect(keys), 'DescribeInstances'), 400, 'MissingSecurityToken')
      const wrong = connect({ ...keys, securityToken: 'wrong' })
      await refused(ask(wrong, 'DescribeInstances'), 400, 'InvalidSecurityToken.Malformed')
      const right = connect({ ...keys, securityToken })
      assert.ok((await ask(right, 'DescribeInstances')).totalCount > 1)
    }
  },

  async 'an unknown instance'() {
    for (const client of [v3, v1]) {
      await refused(ask(client, 'RunCommand', { ...script, instanceId: [nth(1), 'i-none'] }), 404, 'InvalidInstance.NotFound')
    }
  },

  async 'an unknown region, or none'() {
    for (const client of [v3, v1]) {
      await refused(ask(client, 'DescribeInstances', { regionId: 'cn-nowhere' }), 404, 'InvalidRegionId.NotFound')
      await refused(ask(client, 'DescribeInstances', { regionId: undefined }), 400, 'MissingParameter.RegionId')
    }
  },

  async 'a call without what it needs'() {
    await refused(ask(v3, 'RunCommand', { ...script, instanceId: undefined }), 400, 'MissingParam.InstanceId')
    await refused(ask(v3, 'RunCommand', { ...script, type: 'RunPerlScript' }), 404, 'InvalidCmdType.NotFound')
    await refused(ask(v3, 'RunCommand', { ...script, type: 'RunBatScript' }), 400, 'InvalidInstance.NotMatch')
    await refused(ask(v3, 'RunCommand', { ...script, commandContent: '%', contentEncoding: 'Base64' }), 400, 'CmdContent.DecodeError')
    await refused(ask(v3, 'DescribeInvocations', { includeOutput: true }), 400, 'MissingParameter.InvokeId')
  },

  async 'an action that the lab has not'() {
    await refused(ask(v3, 'DescribeDisks'), 404, 'InvalidApi.NotFound')
  },
}
