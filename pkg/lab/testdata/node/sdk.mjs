// The official SDK: its clients, calls whose answers are checked field by field, and what is done with them again and again.
import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import credentials from '@alicloud/credentials'
import ecs from '@alicloud/ecs20140526'
import core from '@alicloud/openapi-core'

export const region = process.env.LAB_REGION
const { host, protocol } = new URL(process.env.LAB_URL)

const patience = 60_000 // milliseconds until something must have happened

// connect makes a client. Without keys it finds them in the environment, as the SDK's users do.
export function connect(settings = {}) {
  const config = new core.$OpenApiUtil.Config({
    endpoint: host, protocol: protocol.replace(':', ''), regionId: region, connectTimeout: 10_000, readTimeout: 60_000,
    ...settings,
  })
  if (!config.accessKeyId) config.credential = new credentials.default()
  const client = new ecs.default(config)
  const callApi = client.callApi
  client.callApi = async (params, ...rest) => {
    const answer = await callApi.call(client, params, ...rest)
    assert.equal(answer.statusCode, 200)
    assert.equal(answer.headers['x-acs-request-id'], answer.body.RequestId)
    conforms(answer.body, ecs[params.action + 'ResponseBody'], params.action)
    return answer
  }
  return client
}

// The two signatures that official clients use.
export const v3 = connect()
export const v1 = connect({ signatureAlgorithm: 'v2' })

// ask makes a typed request of an action, and gives the typed body of its answer.
export async function ask(client, action, fields = {}) {
  const method = action[0].toLowerCase() + action.slice(1)
  const response = await client[method](new ecs[action + 'Request']({ regionId: region, ...fields }))
  assert.equal(response.statusCode, 200)
  assert.ok(response.body instanceof ecs[action + 'ResponseBody'])
  assert.match(response.body.requestId, /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/)
  return response.body
}

// The fields that the SDK has in the answers that came, and those of them that did come, as Action.Field.Field.
const known = new Set()
const seen = new Set()

// unseen gives the SDK's fields that no answer had.
export const unseen = () => [...known].filter((field) => !seen.has(field))

// conforms demands that a JSON value has the SDK's type for it, without the conversions that the SDK would make, and that
// there is no field in it which the SDK does not know.
function conforms(value, type, where) {
  if (typeof type === 'string') {
    if (type !== 'any') assert.equal(typeof value, type, where)
    if (where.endsWith('Time')) timely(value, where)
    return
  }
  if (type.type === 'array') {
    assert.ok(Array.isArray(value), `${where} is no list`)
    value.forEach((item, i) => conforms(item, type.itemType, `${where}[${i}]`))
    return
  }
  assert.ok(value !== null && typeof value === 'object' && !Array.isArray(value), `${where} is no object`)
  const fields = new Map(Object.entries(type.names()).map(([mine, wire]) => [wire, type.types()[mine]]))
  const list = where.replace(/\[\d+\]/g, '')
  for (const name of fields.keys()) known.add(`${list}.${name}`)
  for (const [name, field] of Object.entries(value)) {
    seen.add(`${list}.${name}`)
    assert.ok(fields.has(name), `${where}.${name} is unknown to the SDK`)
    conforms(field, fields.get(name), `${where}.${name}`)
  }
}

// timely demands one of the documents' two forms, or nothing where nothing has happened yet.
function timely(text, where) {
  const toTheMinute = /^Describe(Instances|Commands)\./.test(where)
  const form = toTheMinute ? /^\d{4}-\d\d-\d\dT\d\d:\d\dZ$/ : /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/
  assert.ok(text === '' || (form.test(text) && !Number.isNaN(Date.parse(text))), `${where} is ${text}`)
}

// refused demands that a call is refused as the service does it, and gives the SDK's error.
export async function refused(call, statusCode, code) {
  const error = await call.then(() => assert.fail(`${code}: it was not refused`), (e) => e)
  if (error.code !== code) throw error
  assert.equal(error.name, error.code.includes('Throttling') ? 'ThrottlingError' : statusCode < 500 ? 'ClientError' : 'ServerError')
  assert.equal(error.statusCode, statusCode)
  assert.ok(error.message.startsWith(`${code}: code: ${statusCode}, `), error.message)
  assert.ok(error.message.endsWith(` request id: ${error.requestId}`), error.message)
  for (const name of ['RequestId', 'HostId', 'Code', 'Message', 'Recommend']) assert.equal(typeof error.data[name], 'string', name)
  return error
}

// until asks again and again, until the answer is such as is wanted.
export async function until(what, question, wanted) {
  const deadline = Date.now() + patience
  for (;;) {
    const answer = await question()
    if (wanted(answer)) return answer
    assert.ok(Date.now() < deadline, `still not: ${what}: ${JSON.stringify(answer)}`)
    await pause(25)
  }
}

// invocation describes one invocation, with its output in plain text.
export async function invocation(client, invokeId, fields = {}) {
  const answer = await ask(client, 'DescribeInvocations', { invokeId, includeOutput: true, contentEncoding: 'PlainText', ...fields })
  assert.equal(answer.totalCount, 1)
  return answer.invocations.invocation[0]
}

// settled waits for an invocation's end.
export function settled(client, invokeId) {
  const ends = ['Success', 'Failed', 'PartialFailed', 'Stopped']
  return until('the invocation ends', () => invocation(client, invokeId), (it) => ends.includes(it.invocationStatus))
}

// run runs a script on one instance to its end, and gives its result.
export async function run(client, fields) {
  const { invokeId } = await ask(client, 'RunCommand', { type: 'RunShellScript', instanceId: [nth(1)], ...fields })
  await settled(client, invokeId)
  return resultOf(client, invokeId)
}

// resultOf gives an invocation's only result, with its output in plain text.
export async function resultOf(client, invokeId) {
  const { invocation } = await ask(client, 'DescribeInvocationResults', { invokeId, contentEncoding: 'PlainText' })
  assert.equal(invocation.invocationResults.invocationResult.length, 1)
  return invocation.invocationResults.invocationResult[0]
}

// numbered reads all pages in the older way, and demands that each tells of itself.
export async function numbered(page, pageSize) {
  const items = []
  for (let pageNumber = 1; ; pageNumber++) {
    const [found, about] = await page({ pageNumber, pageSize })
    assert.equal(about.pageNumber, pageNumber)
    assert.equal(about.pageSize, pageSize)
    assert.ok(!about.nextToken)
    assert.ok(found.length <= pageSize)
    items.push(...found)
    if (found.length === 0 || items.length >= about.totalCount) {
      assert.equal(items.length, about.totalCount)
      return items
    }
  }
}

// tokened reads all pages in the newer way, and gives how many items were on each page, too.
export async function tokened(page, maxResults) {
  const items = []
  const sizes = []
  for (let nextToken; nextToken !== ''; ) {
    const [found, about] = await page({ maxResults, nextToken })
    assert.ok(found.length > 0 || !nextToken, 'a token led to an empty page')
    items.push(...found)
    sizes.push(found.length)
    nextToken = about.nextToken || ''
  }
  return { items, sizes }
}

// nth is the id of the lab's nth instance.
export const nth = (n) => `i-lab${String(n).padStart(5, '0')}`

export const base64 = (text) => Buffer.from(text, 'utf8').toString('base64')
