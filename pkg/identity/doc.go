// Package identity decides as whom muster calls the service, and keeps the keys for it.
//
// Sources are tried in one order, and the first that is there decides. A source that is there and does not work is an error
// that names it: it is never passed over for another one, which could be another account's. See [Find].
//
// Nothing that belongs to another tool is written. The library credentials-go is not used to read profiles, although it can: it
// writes config.json back after a helper or a token has been used and so loses what it does not know, goes on with other
// sources where one fails, prints a helper's answer on stdout, keeps no context, and does not say when keys end. It signs the
// calls, and exchanges the access tokens of CloudSSO, which needs none of that. AssumeRole is called by the same client as
// every other action.
package identity
