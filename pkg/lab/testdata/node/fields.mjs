// The fields of all answers so far.
import assert from 'node:assert/strict'
import { unseen } from './sdk.mjs'

export const fields = {
  async 'are all that the SDK knows'() {
    assert.deepEqual(unseen(), [])
  },
}
