// Package fleet is the engine: a request and its targets become a plan of batches, the batches are submitted, and their
// invocations are polled until every target has come to an end. All that happens is told as events, and the state is a
// pure fold over them.
//
// It knows nothing of terminals, files or flags: it does its input and output through a small interface to the service
// and a sink for events.
package fleet
