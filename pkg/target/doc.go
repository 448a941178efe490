// Package target finds the instances that a selector means, and reports which of them can run a command now.
//
// A [Selector] is read from the values of flags, by [Selector.Add]. Its terms are a union, everything else narrows, and Exclude
// takes away last. A [Resolver] turns it into instances: it lists what is necessary, keeps what the selector lets through, and
// reports every part that matches nothing, because such a part is mostly a mistake that would reach others than were meant.
//
// The package sends nothing to any instance, and does not know how a fleet is cut into calls.
package target
