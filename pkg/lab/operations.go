package lab

import (
	"net/url"
	"reflect"
	"strings"

	"muster/pkg/assist"
	"muster/pkg/lab/keep"
)

// operation is one action of the API.
type operation struct {
	version   string // of the API that it belongs to
	anonymous bool   // needs no signature
	regional  bool   // needs a RegionId
	serve     func(c call, params url.Values) (response any, err error)
}

// call is what an action sees of a call besides its request.
type call struct {
	*Lab
	site             // of the region that is asked
	host    string   // the lab's own address, as the caller has it
	reply   *reply   // of the answer
	session *session // of the caller; nil for the lab's own key and for an anonymous call
}

func operations() map[string]operation {
	all := map[string]operation{}
	register(all, assumeRole)
	register(all, assumeRoleWithOIDC)
	register(all, createCommand)
	register(all, deleteCommand)
	register(all, describeCloudAssistantStatus)
	register(all, describeCommands)
	register(all, describeInstances)
	register(all, describeInvocationResults)
	register(all, describeInvocations)
	register(all, describeManagedInstances)
	register(all, describeRegions)
	register(all, describeSendFileResults)
	register(all, faultCounts)
	register(all, getCallerIdentity)
	register(all, installCloudAssistant)
	register(all, invokeCommand)
	register(all, listTagResources)
	register(all, modifyCommand)
	register(all, rebootInstance)
	register(all, runCommand)
	register(all, sendFile)
	register(all, setInstanceOnline)
	register(all, startInstance)
	register(all, stopInstance)
	register(all, stopInvocation)
	return all
}

// register adds an action under its request's name. What it is given to do comes after the request has been decoded and
// validated, and only once for a ClientToken.
func register[R, A any, P interface {
	*R
	assist.Request
}](all map[string]operation, do func(call, P) (*A, error)) {
	action := P(new(R)).Action()
	serve := func(c call, params url.Values) (any, error) {
		request := P(new(R))
		if err := assist.Decode(params, request); err != nil {
			return nil, err
		}
		c.forget()
		if err := validate(request, c.limits); err != nil {
			return nil, err
		}
		if err := c.faults.inject(action, c.reply); err != nil {
			return nil, err
		}
		answer, err := atomically(c.keep, func() (*A, error) {
			if !params.Has("ClientToken") || c.region != c.own.region { // another region knows none of this one's tokens
				return do(c, request)
			}
			known := assist.Encode(request)
			key := tokenKey{c.identity.Account, action, strings.Clone(known.Get("ClientToken"))}
			return doOnce(c.tokens, key, known, func() (*A, error) { return do(c, request) })
		})
		if err := c.keep.Flush(); err != nil {
			return nil, err
		}
		return answer, err
	}
	_, regional := reflect.TypeFor[R]().FieldByName("RegionId")
	var request assist.Request = P(new(R))
	all[action] = operation{assist.VersionOf(request), assist.Anonymous(request), regional, serve}
}

// together has what a call changes, its token included, be kept as a whole.
func atomically[A any](k keep.Storage, do func() (*A, error)) (*A, error) {
	defer k.Hold()()
	return do()
}

func validate(request assist.Request, limits assist.Limits) error {
	switch r := request.(type) {
	case interface{ Validate(assist.Limits) error }:
		return r.Validate(limits)
	case interface{ Validate() error }:
		return r.Validate()
	}
	return nil
}
