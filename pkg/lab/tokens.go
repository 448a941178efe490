package lab

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"sync"

	"muster/pkg/assist"
	"muster/pkg/lab/keep"
)

// tokens remembers what was answered to calls with a ClientToken. How long a token lives is not documented; here it lives
// as long as the lab.
type tokens struct {
	keep keep.Storage

	mu    sync.Mutex
	first map[tokenKey]*attempt
}

type tokenKey struct{ account, action, token string }

type attempt struct {
	parameters [sha256.Size]byte
	answer     any // nil while the call is under way; json.RawMessage after a restart
}

func newTokens() *tokens { return &tokens{keep: keep.NoStorage{}, first: map[tokenKey]*attempt{}} }

// once does a call the first time that its token comes, and later gives a copy of that answer. A call that is refused
// leaves its token unused.
func doOnce[A any](t *tokens, key tokenKey, parameters url.Values, do func() (*A, error)) (*A, error) {
	if key.token == "" {
		return do()
	}
	this := &attempt{parameters: sha256.Sum256([]byte(parameters.Encode()))}
	earlier, err := t.claim(key, this)
	if err != nil {
		return nil, err
	}
	if earlier != nil {
		return copyResponse[A](earlier)
	}
	var answer *A
	defer func() { // after a panic, too
		t.mu.Lock()
		defer t.mu.Unlock()
		if answer == nil {
			delete(t.first, key)
			return
		}
		this.answer = *answer
		t.keep.Write(keep.Set(ofToken, key.String(), keptToken{key.account, key.action, key.token, this.parameters[:], this.answer}))
	}()
	answer, err = do()
	return answer, err
}

// answerAgain gives a copy of an earlier answer.
func copyResponse[A any](earlier any) (*A, error) {
	answer := new(A)
	if kept, ok := earlier.(json.RawMessage); ok {
		if err := json.Unmarshal(kept, answer); err != nil {
			return nil, fmt.Errorf("read an answer that was kept: %w", err)
		}
		return answer, nil
	}
	*answer = earlier.(A)
	return answer, nil
}

// begin gives the answer to an earlier call, or notes that this one is under way.
func (t *tokens) claim(key tokenKey, this *attempt) (answer any, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	first, ok := t.first[key]
	switch {
	case !ok:
		t.first[key] = this
		return nil, nil
	case first.parameters != this.parameters:
		return nil, assist.Refusal(http.StatusForbidden, "IdempotentParameterMismatch",
			"The specified parameter has changed while using an already used clientToken.")
	case first.answer == nil:
		return nil, assist.Refusal(http.StatusForbidden, "IdempotentProcessing", "The previous idempotent request(s) is still processing.")
	}
	return first.answer, nil
}
