// The fields of all answers so far.
import assert from 'node:assert/strict'
import { unseen } from './sdk.mjs'

// What package assist does not know of an instance's network interfaces.
const card = 'DescribeInstances.Instances.Instance.NetworkInterfaces.NetworkInterface.'
const left = 'Ipv4PrefixSets Ipv6PrefixSets Ipv6Sets PrivateIpSets.PrivateIpSet.PrivateDnsName'
  .split(' ').map((name) => card + name)

export const fields = {
  async 'are all that the SDK knows'() {
    assert.deepEqual(unseen().filter((field) => !left.includes(field)), [])
  },
}
