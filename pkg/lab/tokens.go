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

// tokens keeps the responses to calls with a ClientToken. How long the service keeps them is not documented; the lab keeps them as
// long as it exists.
type tokens struct {
	storage keep.Storage

	mu    sync.Mutex
	first map[tokenKey]*attempt
}

type tokenKey struct {
	account, action, token string
	region                 string // empty for the first region of the lab
}

// attempt is the first call with a token.
type attempt struct {
	parameters [sha256.Size]byte
	response   any // nil while the call is in progress; json.RawMessage after a restart
}

func newTokens() *tokens { return &tokens{storage: keep.NoStorage{}, first: map[tokenKey]*attempt{}} }

// doOnce calls do for the first call with a token, and returns a copy of its response to later calls. If do fails, the token is
// unused again. Without a token it always calls do.
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
	var response *A
	defer func() { // also after a panic
		t.mu.Lock()
		defer t.mu.Unlock()
		if response == nil {
			delete(t.first, key)
			return
		}
		this.response = *response
		t.storage.Write(keep.Set(ofToken, key.String(), keptToken{key.account, key.action, key.token, this.parameters[:], withoutSecrets(this.response), key.region}))
	}()
	response, err = do()
	return response, err
}

// withoutSecrets returns a response as it is kept on disk. An activation code is only in memory: after a restart of the lab, a repeated
// call does not return it.
func withoutSecrets(response any) any {
	if r, ok := response.(assist.CreateActivationResponse); ok {
		r.ActivationCode = ""
		return r
	}
	return response
}

// copyResponse returns a copy of an earlier response.
func copyResponse[A any](earlier any) (*A, error) {
	response := new(A)
	if kept, ok := earlier.(json.RawMessage); ok {
		if err := json.Unmarshal(kept, response); err != nil {
			return nil, fmt.Errorf("read a stored response: %w", err)
		}
		return response, nil
	}
	*response = earlier.(A)
	return response, nil
}

// claim returns the response to an earlier call with the token, or nil if this is the first one, which is in progress from then on.
func (t *tokens) claim(key tokenKey, this *attempt) (response any, err error) {
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
	case first.response == nil:
		return nil, assist.Refusal(http.StatusForbidden, "IdempotentProcessing", "The previous idempotent request(s) is still processing.")
	}
	return first.response, nil
}
