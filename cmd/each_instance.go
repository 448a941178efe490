package cmd

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"
)

// ofEachInstance lists something of several instances, some at a time, in the order of the ids: the API takes one instance a call.
func ofEachInstance[T any](ctx context.Context, a *app, ids []string, list func(ctx context.Context, id string) ([]T, error)) ([]T, error) {
	lists := make([][]T, len(ids))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(a.config.MostCalls())
	for i, id := range ids {
		group.Go(func() (err error) {
			lists[i], err = list(ctx, id)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(lists...), nil
}
