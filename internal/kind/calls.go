package kind

import (
	"context"
	"iter"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// The functions below turn a method of the client into an operation of a row.

// list returns an operation that lists the objects that convert keeps.
func list[T any](all func(*client.Client, context.Context) iter.Seq2[T, error], convert func(T) (*plan.Object, error)) func(context.Context, *client.Client, spec.Version) ([]*plan.Object, error) {
	return func(ctx context.Context, api *client.Client, _ spec.Version) ([]*plan.Object, error) {
		return Collect(all(api, ctx), convert)
	}
}

// read returns an operation that reads one object by its id.
func read[T any](get func(*client.Client, context.Context, string) (T, error), convert func(T) (*plan.Object, error)) func(context.Context, *client.Client, string) (*plan.Object, error) {
	return func(ctx context.Context, api *client.Client, id string) (*plan.Object, error) {
		item, err := get(api, ctx, id)
		if err != nil {
			return nil, client.IgnoreNotFound(err)
		}
		return convert(item)
	}
}

// find returns an operation that reads one object by its name.
func find[T any](get func(*client.Client, context.Context, string) (T, error), convert func(T) (*plan.Object, error)) func(context.Context, *client.Client, spec.Version, string) (*plan.Object, error) {
	byName := read(get, convert)
	return func(ctx context.Context, api *client.Client, _ spec.Version, name string) (*plan.Object, error) {
		return byName(ctx, api, name)
	}
}

// create returns an operation that creates an object.
func create[T any](send func(*client.Client, context.Context, map[string]any) (T, error), created func(T) Created) func(context.Context, *client.Client, map[string]any) (Created, error) {
	return func(ctx context.Context, api *client.Client, body map[string]any) (Created, error) {
		item, err := send(api, ctx, body)
		if err != nil {
			return Created{}, err
		}
		return created(item), nil
	}
}

// remove returns an operation that deletes an object.
func remove(send func(*client.Client, context.Context, string) error) func(context.Context, *client.Client, string) error {
	return func(ctx context.Context, api *client.Client, id string) error { return send(api, ctx, id) }
}

// createVolume creates a volume, which has nothing but a name.
func createVolume(api *client.Client, ctx context.Context, body map[string]any) (client.Volume, error) {
	name, _ := body["name"].(string)
	return api.CreateVolume(ctx, name)
}
