package operation

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"

	"fleet/internal/buildcontext"
	"fleet/plan"
	"fleet/spec"
)

// uploadFiles uploads the files of the spec to a sandbox. The labels have the digest of
// the files only while the sandbox has all of them: an upload that fails or is killed is
// repeated by the next run.
func uploadFiles(ctx context.Context, e *Env, t *Task) error {
	o, err := readUploadTarget(ctx, e, t)
	if err != nil {
		return err
	}
	want, labels := t.Step.Want, o.Labels
	if unmarked := spec.WithoutUploads(labels); unmarked[spec.FingerprintLabel] != labels[spec.FingerprintLabel] {
		if err := setLabels(ctx, e, t, labels, unmarked); err != nil {
			return err
		}
	}
	if err := sendFiles(ctx, e, t.ID, want.Files()); err != nil {
		return fmt.Errorf("its files were not uploaded: %w", err)
	}
	for _, u := range want.Files().Uploads() {
		if u.Mode == 0 {
			continue
		}
		if err := e.API.SetFileMode(ctx, t.ID, u.Path, u.Mode); err != nil {
			return fmt.Errorf("its files were uploaded without their modes: %w", err)
		}
	}
	if o, err = readUploadTarget(ctx, e, t); err != nil { // the labels may have changed meanwhile
		return err
	}
	return setLabels(ctx, e, t, o.Labels, want.WithUploaded(o.Labels, true))
}

// readUploadTarget reads the sandbox, and returns an error unless it is the fleet's and
// started.
func readUploadTarget(ctx context.Context, e *Env, t *Task) (*plan.Object, error) {
	o, err := readExisting(ctx, e, t)
	if err == nil {
		err = t.CheckOwnership(e, o)
	}
	if err == nil && o.State != spec.Started {
		err = errStale(fmt.Sprintf("it became %s", o.State))
	}
	return o, err
}

// sendFiles sends all files in one request.
func sendFiles(ctx context.Context, e *Env, id string, files spec.Files) error {
	if len(files.Uploads()) == 0 {
		return nil
	}
	return e.API.UploadFiles(ctx, id, func(put func(path string, content io.Reader) error) error {
		return files.Each(func(m buildcontext.Manifest, target func(inContent string) string) error {
			return sendManifest(m, target, put)
		})
	})
}

// sendManifest passes the files of a manifest to put. It fails if one of them has changed
// since the spec was read.
func sendManifest(m buildcontext.Manifest, target func(inContent string) string, put func(path string, content io.Reader) error) error {
	in, err := m.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	for archive := tar.NewReader(in); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := put(target(header.Name), archive); err != nil {
			return err
		}
	}
}
