// What the account has.
import assert from 'node:assert/strict'
import { ask, connect, numbered, nth, refused, region, tokened, v1, v3 } from './sdk.mjs'

const all = Array.from({ length: 60 }, (_, i) => nth(i + 1))

async function found(client, fields) {
  const answer = await ask(client, 'DescribeInstances', fields)
  return [answer.instances.instance.map((it) => it.instanceId), answer]
}

async function listsInstances(client) {
  const page = (fields) => found(client, fields)
  assert.deepEqual(await numbered(page, 25), all)
  assert.deepEqual(await tokened(page, 25), { items: all, sizes: [25, 25, 10] })
  assert.deepEqual((await tokened(page, 1)).sizes, [10, 10, 10, 10, 10, 10]) // fewer than 10 count as 10
  assert.deepEqual((await tokened(page, 1000)).sizes, [60]) // and more than 100 as 100
  assert.equal((await page({}))[0].length, 10)
  await refused(page({ pageSize: 101 }), 400, 'InvalidParameter')
}

export const instances = {
  'by pages of both styles': () => listsInstances(v3),
  'by pages of both styles, by V1': () => listsInstances(v1),

  async 'by tags, ids, names and states'() {
    const ids = async (fields) => (await found(v3, { pageSize: 100, ...fields }))[0]
    const web = all.filter((_, i) => i % 3 === 0)
    assert.deepEqual(await ids({ tag: [{ key: 'role', value: 'web' }] }), web)
    assert.deepEqual(await ids({ tag: [{ key: 'role', value: 'web' }, { key: 'index', value: '4' }] }), [nth(4)])
    assert.deepEqual(await ids({ tag: [{ key: 'role' }] }), all)
    assert.deepEqual(await ids({ tag: [{ key: 'role', value: 'none' }] }), [])
    assert.deepEqual(await ids({ instanceIds: JSON.stringify([nth(2), nth(9), 'i-none']) }), [nth(2), nth(9)])
    assert.deepEqual(await ids({ instanceIds: '[]' }), [])
    assert.deepEqual(await ids({ instanceName: 'lab-05*' }), all.slice(49, 59))
    assert.deepEqual(await ids({ privateIpAddresses: '["10.0.0.7"]' }), [nth(7)])
    assert.deepEqual(await ids({ status: 'Running' }), all)
    assert.deepEqual(await ids({ status: 'Stopped' }), [])
    await refused(ids({ dryRun: true }), 400, 'DryRunOperation')
  },

  async 'with what is known of each'() {
    const { instances } = await ask(v3, 'DescribeInstances', { instanceIds: JSON.stringify([nth(1)]) })
    const [it] = instances.instance
    assert.equal(it.instanceName, 'lab-001')
    assert.equal(it.hostName, 'lab-001')
    assert.equal(it.status, 'Running')
    assert.equal(it.OSType, 'linux')
    assert.equal(it.regionId, region)
    assert.ok(it.zoneId.startsWith(region))
    assert.equal(it.cpu, 2)
    assert.equal(it.memory, 4096)
    assert.equal(it.instanceNetworkType, 'vpc')
    assert.deepEqual(it.vpcAttributes.privateIpAddress.ipAddress, ['10.0.0.1'])
    assert.deepEqual(it.publicIpAddress.ipAddress, [])
    assert.ok(it.tags.tag.some((tag) => tag.tagKey === 'role' && tag.tagValue === 'web'))
    assert.equal(it.ioOptimized, true)
    assert.equal(it.metadataOptions.httpEndpoint, 'enabled')
    assert.equal(it.networkInterfaces.networkInterface[0].primaryIpAddress, '10.0.0.1')
    assert.equal(it.networkInterfaces.networkInterface[0].privateIpSets.privateIpSet[0].primary, true)
    assert.notEqual(it.creationTime, '')
  },

  async 'with their agents'() {
    const page = async (fields) => {
      const answer = await ask(v3, 'DescribeCloudAssistantStatus', fields)
      return [answer.instanceCloudAssistantStatusSet.instanceCloudAssistantStatus.map((it) => it.instanceId), answer]
    }
    assert.deepEqual(await numbered(page, 50), all)
    assert.deepEqual(await tokened(page, 50), { items: all, sizes: [50, 10] })
    assert.deepEqual((await page({ OSType: 'Windows' }))[0], [])
    const [ids, answer] = await page({ instanceId: [nth(60), nth(3)] })
    assert.deepEqual(ids, [nth(3), nth(60)])
    for (const it of answer.instanceCloudAssistantStatusSet.instanceCloudAssistantStatus) {
      assert.equal(it.cloudAssistantStatus, 'true')
      assert.match(it.cloudAssistantVersion, /^\d+\.\d+\.\d+\.\d+$/)
      assert.equal(it.OSType, 'Linux')
      assert.equal(it.activeTaskCount, 0)
      assert.equal(it.invocationCount, 0)
      assert.notEqual(it.lastHeartbeatTime, '')
    }
    await ask(v3, 'InstallCloudAssistant', { instanceId: [nth(1)] })
  },

  async 'and the regions'() {
    const regions = async (fields) => {
      const answer = await ask(v3, 'DescribeRegions', { regionId: undefined, ...fields })
      return answer.regions.region
    }
    const here = (await regions()).find((it) => it.regionId === region)
    assert.equal(here.status, 'available')
    assert.equal(here.localName, '华东1（杭州）')
    assert.equal((await regions({ acceptLanguage: 'en-US' })).find((it) => it.regionId === region).localName, 'China (Hangzhou)')
    const there = connect({ endpoint: here.regionEndpoint })
    assert.equal((await found(there, { instanceIds: JSON.stringify([nth(1)]) }))[0][0], nth(1))
    assert.deepEqual((await found(v3, { regionId: 'cn-beijing' }))[0], [])
  },

  async 'by the tags of resources, once the calls are no longer throttled'() {
    const fields = { resourceType: 'instance', resourceId: [nth(1), nth(2)], tag: [{ key: 'role' }] }
    const error = await refused(ask(v3, 'ListTagResources', fields), 400, 'Throttling')
    assert.ok(error.retryAfter > 0)
    const patient = connect({
      retryOptions: {
        retryable: true, noRetryCondition: [],
        retryCondition: [{ maxAttempts: 5, exception: ['ThrottlingError'], errorCode: [] }],
      },
    })
    const { tagResources } = await ask(patient, 'ListTagResources', fields)
    const roles = tagResources.tagResource.filter((it) => it.tagKey === 'role')
    assert.deepEqual(roles.map((it) => [it.resourceId, it.tagValue]), [[nth(1), 'web'], [nth(2), 'db']])
    assert.ok(tagResources.tagResource.every((it) => it.resourceType === 'instance'))
  },
}
