// Package fleet is the engine: a request and its targets become a plan of batches, the batches are submitted, and their
// invocations are polled until every target has finished. Everything that happens is emitted as an event, and the state is a
// pure fold over the events.
//
// The package knows nothing of terminals, files or flags. Its only input and output are a small interface to the service and a
// sink for events.
package fleet
