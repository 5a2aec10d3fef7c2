package emulator

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/google/uuid"
)

var (
	snapshotName = regexp.MustCompile(`^[a-zA-Z0-9_.\-:]+(/[a-zA-Z0-9_.\-:]+)*(@sha256:[a-f0-9]{64})?$`)
	imageDigest  = regexp.MustCompile(`^[a-f0-9]{64}$`)
)

func (c *call) getSnapshot() (reply, error) {
	found := c.snapshotsNamed(c.vars["id"])
	if len(found) == 0 {
		return reply{}, notFound("Snapshot with name %s not found", c.vars["id"])
	}
	return reply{status: success, body: c.srv.viewSnapshot(found[0])}, nil
}

// pathSnapshot returns the snapshot of the path, which must be given by id.
func (c *call) pathSnapshot() (*snapshot, error) {
	id := c.vars["id"]
	if uuid.Validate(id) != nil || len(id) != 36 {
		return nil, badRequest("Validation failed (uuid is expected)")
	}
	s := c.snapshots[id]
	if s == nil || s.General {
		return nil, notFound("Snapshot with ID or name %s not found", id)
	}
	return s, nil
}

// deleteSnapshot is never refused because the snapshot is in use.
func (c *call) deleteSnapshot() (reply, error) {
	s, err := c.pathSnapshot()
	if err != nil {
		return reply{}, err
	}
	if s.State != snapshotRemoving {
		s.State = snapshotRemoving
		s.Due = ptr(c.now.plus(c.delays.SnapshotRemove))
		c.changedSnapshot(s)
	}
	return reply{status: success}, nil
}

func (c *call) deactivateSnapshot() (reply, error) {
	s, err := c.pathSnapshot()
	if err != nil {
		return reply{}, err
	}
	if s.State != snapshotInactive {
		s.State, s.Due = snapshotInactive, nil
		c.changedSnapshot(s)
	}
	return reply{status: http.StatusNoContent}, nil
}

func (c *call) activateSnapshot() (reply, error) {
	s, err := c.pathSnapshot()
	if err != nil {
		return reply{}, err
	}
	switch {
	case s.State == snapshotActive:
		return reply{}, badRequest("Snapshot %s is already active", s.ID)
	case s.State != snapshotInactive:
		return reply{}, badRequest("Snapshot %s cannot be activated - it is in %s state", s.ID, s.State)
	case c.now.Before(s.UpdatedAt.plus(reactivationDelay).Time):
		return reply{}, badRequest("Snapshot deactivation is still in progress. Please try again in a few minutes.")
	}
	if err := c.checkNotSuspended(); err != nil {
		return reply{}, err
	}
	if err := c.checkSnapshotQuota(); err != nil {
		return reply{}, err
	}
	s.State = snapshotPending
	c.schedule(s)
	c.changedSnapshot(s)
	return reply{status: success, body: c.srv.viewSnapshot(s)}, nil
}

// viewSnapshot is the snapshot as every answer shows it.
func (s *Server) viewSnapshot(sn *snapshot) map[string]any {
	m := map[string]any{
		"id": sn.ID, "organizationId": sn.OrganizationID, "general": sn.General, "name": sn.Name, "imageName": sn.ImageName,
		"state": sn.State, "size": sn.Size, "entrypoint": sn.Entrypoint, "cpu": sn.CPU, "gpu": sn.GPU, "mem": sn.Mem,
		"disk": sn.Disk, "errorReason": sn.ErrorReason, "createdAt": sn.CreatedAt, "updatedAt": sn.UpdatedAt,
		"lastUsedAt": sn.LastUsedAt, "regionIds": sn.RegionIDs, "sandboxClass": sn.Class,
	}
	if sn.GPUType != nil {
		m["gpuType"] = *sn.GPUType
	}
	if sn.BuildInfo != nil {
		m["buildInfo"] = sn.BuildInfo
	}
	if sn.InitialRunnerID != nil {
		m["initialRunnerId"] = sn.InitialRunnerID
	}
	if sn.Ref != nil {
		m["ref"] = sn.Ref
	}
	if s.opts.APIVersion != Version190 {
		m["sourceSandboxId"] = sn.SourceSandboxID
	}
	return m
}

// imageProblem says what is wrong with the name of an image, or nothing.
func imageProblem(name string) string {
	if image, digest, ok := strings.Cut(name, "@sha256:"); ok {
		if image == "" || !imageDigest.MatchString(digest) {
			return "Invalid digest format. Must be image@sha256:64_hex_characters"
		}
		return ""
	}
	switch {
	case !strings.Contains(name, ":") || strings.HasSuffix(strings.TrimSpace(name), ":"):
		return "Image name must include a tag (e.g., ubuntu:22.04) or digest (@sha256:...)"
	case strings.HasSuffix(name, ":latest"):
		return `Images with tag ":latest" are not allowed`
	case !snapshotName.MatchString(name):
		return "Invalid image name format. Must be lowercase, may contain digits, dots, dashes, and single slashes between components"
	}
	return ""
}
