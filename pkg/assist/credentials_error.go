package assist

import (
	"fmt"
	"strings"
)

// CredentialsError reports that there is nothing to sign calls with: no source of keys is there, or the one that is does not
// work.
type CredentialsError struct {
	Source string   // the source that does not work, such as "profile prod (~/.aliyun/config.json)"; empty where there is none
	Err    error    // why it does not
	Remedy string   // what to do about it; may be empty
	Tried  []string // without a source, where keys were looked for, and what was there
}

func (e *CredentialsError) Error() string {
	if e.Source == "" {
		return "no credentials: " + strings.Join(e.Tried, "; ")
	}
	return fmt.Sprintf("credentials of %s: %v", e.Source, e.Err)
}

func (e *CredentialsError) Unwrap() error { return e.Err }
