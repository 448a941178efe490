// Package assist is a Go client of Alibaba Cloud's Cloud Assistant: the part of the ECS OpenAPI (version 2014-05-26) that runs
// commands on instances. It has a request and a response type for each action, with the API's own names; the API's limits; states and
// their aggregation; and a client that uses the official core library, with retries and rate limits as decorators.
//
// It is the only definition of the wire format: the client encodes the request types, the lab decodes the same types, and both check
// them with Validate, which uses the API's own error codes.
//
// It does not run fleets: package fleet splits targets into calls, waits for them and reports their results.
package assist
