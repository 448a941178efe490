// Package assist is Alibaba Cloud's Cloud Assistant in Go: the part of the ECS OpenAPI (version 2014-05-26) that runs
// commands on instances. It holds one request and one response type an action, with the API's own names; the limits;
// the states and how they add up; and the client over the official core library, with retry and rate limit as
// decorators.
//
// The wire stands here and nowhere else: the client encodes the request types, the lab decodes the same ones, and
// Validate judges them in both places, in the API's own codes.
//
// It is not a runner: cutting a fleet into calls, waiting and reporting are package fleet's.
package assist
