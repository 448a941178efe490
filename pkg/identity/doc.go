// Package identity finds the credentials that muster calls the service with, and renews them.
//
// Sources are tried in a fixed order, and the first one that is present decides. A source that is present but does not work is
// an error that names it. It is never skipped in favour of another source, which might belong to another account. See [Find].
//
// The package never writes files of other tools. It does not use the library credentials-go to read profiles: after using a
// helper or a token, the library rewrites config.json and loses the fields that it does not know. If a source fails, it
// continues with others. It also prints a helper's output on stdout, ignores contexts and does not report when keys expire. The
// library is only used to sign calls and to exchange access tokens of CloudSSO, where none of this matters. AssumeRole is
// called by the same client as all other actions.
package identity
