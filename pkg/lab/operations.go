package lab

import (
	"context"
	"errors"
	"net/url"
	"reflect"
	"strings"

	"muster/pkg/assist"
	"muster/pkg/lab/keep"
)

// operation is one action of the API.
type operation struct {
	version   string // the version of its API
	anonymous bool   // requires no signature
	regional  bool   // requires a RegionId
	alone     bool   // no other call is in progress meanwhile
	serve     func(ctx context.Context, c call, params url.Values) (response any, err error)
}

// call is the context of an action, besides its request.
type call struct {
	*Lab
	site             // the region that the call is for
	host    string   // the lab's address as the caller knows it
	reply   *reply   // how the response will be delivered
	session *session // the caller's; nil for the lab's own key and for anonymous calls
	dryRun  *dryRun  // what agents are asked, whose answers are waited for after the action
}

// operations returns all actions by name.
func operations() map[string]operation {
	all := map[string]operation{}
	register(all, agentStates)
	register(all, assumeRole)
	register(all, assumeRoleWithOIDC)
	register(all, createActivation)
	register(all, createCommand)
	register(all, deleteActivation)
	register(all, deleteCommand)
	register(all, deregisterManagedInstance)
	register(all, describeActivations)
	register(all, describeCloudAssistantSettings)
	register(all, describeCloudAssistantStatus)
	register(all, describeCommands)
	register(all, describeInstances)
	register(all, describeInvocationResults)
	register(all, describeInvocations)
	register(all, describeManagedInstances)
	register(all, describeRegions)
	register(all, describeSendFileResults)
	register(all, disableActivation)
	register(all, dumpLab)
	register(all, faultCounts)
	register(all, getCallerIdentity)
	register(all, installCloudAssistant)
	register(all, invokeCommand)
	register(all, listTagResources)
	register(all, loggedCalls)
	register(all, modifyCommand)
	register(all, modifyInvocation)
	register(all, modifyManagedInstance)
	register(all, rebootInstance)
	register(all, requestStop)
	register(all, runCommand)
	register(all, sendFile)
	register(all, setInstanceOnline)
	register(all, startInstance)
	register(all, stopInstance)
	register(all, stopInvocation)
	registerAlone(all, resetLab)
	return all
}

// register adds the action of the request type R. Its serve function decodes and validates the request, triggers faults, and
// then calls do, but only once for each ClientToken.
func register[R, A any, P interface {
	*R
	assist.Request
}](all map[string]operation, do func(call, P) (*A, error)) {
	registerWith(all, do, false)
}

// registerAlone is like register, for actions that no other call may overlap. They decide what becomes durable together.
func registerAlone[R, A any, P interface {
	*R
	assist.Request
}](all map[string]operation, do func(call, P) (*A, error)) {
	registerWith(all, do, true)
}

func registerWith[R, A any, P interface {
	*R
	assist.Request
}](all map[string]operation, do func(call, P) (*A, error), alone bool) {
	action := P(new(R)).Action()
	serve := func(ctx context.Context, c call, params url.Values) (any, error) {
		request := P(new(R))
		if err := assist.Decode(params, request); err != nil {
			return nil, err
		}
		c.retention.sweep(c.clock.Now(), c.served)
		if err := validate(request, c.limits); err != nil {
			return nil, err
		}
		if err := c.faults.inject(action, c.reply); err != nil {
			return nil, err
		}
		if alone {
			response, err := do(c, request)
			return response, errors.Join(err, c.storage.Flush())
		}
		c.dryRun = new(dryRun)
		response, err := atomically(c.storage, func() (*A, error) {
			if !params.Has("ClientToken") || !servesRegion(c.Lab, c.region) { // the lab has nothing in other regions
				return do(c, request)
			}
			encoded := assist.Encode(request)
			key := tokenKey{c.identity.Account, action, strings.Clone(encoded.Get("ClientToken")), c.store.region}
			return doOnce(c.tokens, key, encoded, func() (*A, error) { return do(c, request) })
		})
		if err := c.storage.Flush(); err != nil {
			return nil, err
		}
		if err == nil {
			err = c.dryRun.wait(ctx)
		}
		return response, err
	}
	_, regional := reflect.TypeFor[R]().FieldByName("RegionId")
	var request assist.Request = P(new(R))
	all[action] = operation{assist.VersionOf(request), assist.Anonymous(request), regional, alone, serve}
}

// atomically makes all changes of one call, including its token, durable atomically.
func atomically[A any](k keep.Storage, do func() (*A, error)) (*A, error) {
	defer k.Hold()()
	return do()
}

// validate calls the Validate method of a request, if it has one.
func validate(request assist.Request, limits assist.Limits) error {
	switch r := request.(type) {
	case interface{ Validate(assist.Limits) error }:
		return r.Validate(limits)
	case interface{ Validate() error }:
		return r.Validate()
	}
	return nil
}
