package observe

import (
	"context"

	"golang.org/x/sync/errgroup"

	"fleet/client"
	"fleet/plan"
)

// maxFileReaders is the number of sandboxes whose files are read at a time.
const maxFileReaders = 8

// AddFileDrift reads the uploaded files of started sandboxes and adds to the steps of a
// plan which of them differ from the spec. Content is hashed while it arrives, and is not
// kept. A sandbox that has stopped meanwhile is left out.
func AddFileDrift(ctx context.Context, c *client.Client, p *plan.Plan) error {
	var g *errgroup.Group
	g, ctx = errgroup.WithContext(ctx)
	g.SetLimit(maxFileReaders)
	for _, s := range p.Steps {
		if !s.HasComparableFiles() {
			continue
		}
		g.Go(func() error {
			details, err := differingFiles(ctx, c, s)
			if client.ErrorClassOf(err) == client.IllegalState {
				return nil
			}
			if err == nil && len(details) > 0 {
				s.AddFileDrift(details)
			}
			return err
		})
	}
	return g.Wait()
}

// differingFiles returns a clause for each uploaded file of a sandbox that differs.
func differingFiles(ctx context.Context, c *client.Client, s *plan.Step) ([]string, error) {
	var details []string
	for _, u := range s.Want.Files().Uploads() {
		digest, size, err := c.FileDigest(ctx, s.Have.ID, u.Path, u.Size)
		switch {
		case client.ErrorClassOf(err) == client.NotFound:
			details = append(details, u.Path+" is missing")
		case err != nil:
			return nil, err
		case size != u.Size || digest != u.Digest:
			details = append(details, u.Path+" differs")
		}
	}
	return details, nil
}
