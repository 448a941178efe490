package cmd

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"muster/pkg/assist"
)

// whoami describes the caller.
type whoami struct {
	Profile     string `json:",omitempty"`
	Mode        string `json:",omitempty"` // how the source gets its keys
	AccessKeyId string // shortened
	Provider    string // the source of the keys
	AccountId   string `json:",omitempty"` // AccountId and Arn as returned by STS, if it was asked
	Arn         string `json:",omitempty"`
}

// whoamiPatience bounds the call of STS.
const whoamiPatience = 5 * time.Second

func (cn *connector) whoami(ctx context.Context, s *session) whoami {
	who := whoami{Profile: cn.config.Profile, Provider: "the lab's own keys"}
	if keys, err := s.signer.Keys(ctx); err == nil {
		who.AccessKeyId = maskID(keys.AccessKeyId)
	}
	if s.identity != nil {
		who.Mode, who.Provider = s.identity.Mode, s.identity.Source
	}
	return who
}

// askAccount asks STS for the account and the user of the keys.
func (cn *connector) askAccount(ctx context.Context, s *session, who *whoami) error {
	ctx, cancel := context.WithTimeout(ctx, whoamiPatience)
	defer cancel()
	endpoint := assist.STSEndpoint(s.region, false)
	if s.endpoint.Loopback() {
		endpoint = s.endpoint
	}
	core, err := assist.NewCore(assist.CoreOptions{
		Endpoint: endpoint, Credentials: s.signer, Transport: s.transport, UserAgent: "muster/" + version,
		Timeouts: assist.Timeouts{Connect: cn.config.ConnectTimeout, Read: cn.config.ReadTimeout},
	})
	if err != nil {
		return err
	}
	answer, err := assist.NewClient(core).GetCallerIdentity(ctx, new(assist.GetCallerIdentityRequest))
	if err != nil {
		return fmt.Errorf("ask for the account: %w", err)
	}
	who.AccountId, who.Arn = answer.AccountId, answer.Arn
	return nil
}

// String returns a line for people: the source of the keys, and their owner if that is known.
func (w whoami) String() string {
	text := w.AccessKeyId + " from " + w.Provider
	if w.Mode != "" {
		text += ", mode " + w.Mode
	}
	if w.AccountId != "" {
		text += fmt.Sprintf("; account %s, %s", w.AccountId, cmp.Or(w.Arn, "its root user"))
	}
	return text
}

// maskID returns the ends of an id, enough for its owner to recognize it.
func maskID(id string) string {
	const end = 4
	if len(id) < 3*end {
		return "…"
	}
	return id[:end] + "…" + id[len(id)-end:]
}

// noteIdentities reports the caller, once for each source of keys.
func (cn *connector) noteIdentities(ctx context.Context, all sites) {
	said := map[string]string{}
	for _, s := range all {
		who := cn.whoami(ctx, s)
		if account, ok := said[who.Provider]; ok || s.lab {
			s.accountID = account
			continue
		}
		if err := cn.askAccount(ctx, s, &who); err != nil {
			cn.note("the account is unknown: %s", cn.explain(err))
		}
		s.accountID, said[who.Provider] = who.AccountId, who.AccountId
		cn.note("credentials: %s", who)
	}
}
