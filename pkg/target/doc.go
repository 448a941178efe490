// Package target resolves selectors to instances, and reports which of them can run a command now.
//
// A [Selector] is read from the values of flags, by [Selector.Add]. Its terms are a union, everything else narrows it, and
// Exclude is applied last. A [Resolver] turns it into instances: it lists what is necessary, keeps the instances that the
// selector matches, and reports every part of the selector that matches nothing, because such a part is usually a mistake and
// could reach unintended instances.
//
// The package sends nothing to any instance, and does not know how a fleet is divided into calls.
package target
