package request

import (
	"fleet/internal/emulator/world"
)

// createRequest is the body of POST /sandbox after the validator.
type CreateSandbox struct {
	Name, Snapshot, User, Target, Linked string
	Env, Labels                          map[string]any
	Public, BlockAll                     bool
	Networks, Domains                    *string
	Cpu, Gpu, Memory, Disk               int
	GpuTypes                             any
	AutoStop, AutoArchive, AutoDelete    *int
	AutoPause, Ttl                       *int
	Proxy, Otel                          *string
	Spot                                 *bool
	Secrets                              []any
	Volumes                              []any
	Build                                map[string]any
	Fraction                             bool
}

// readCreate reads the body; the newer fields are as good as unknown on 0.190.
func ReadCreateSandbox(in *Input, version string) (*CreateSandbox, error) {
	q := &CreateSandbox{
		Name: in.Name(false), Snapshot: world.ValueOr(in.Text("snapshot"), ""), User: world.ValueOr(in.Text("user"), ""),
		Env: in.Object("env"), Labels: in.Object("labels"), Public: world.ValueOr(in.Flag("public"), false),
		BlockAll: world.ValueOr(in.Flag("networkBlockAll"), false), Networks: in.Text("networkAllowList"),
		Domains: in.Text("domainAllowList"), Target: world.ValueOr(in.Text("target"), ""),
		Cpu: world.ValueOr(in.Number("cpu", 0), 0), Gpu: world.ValueOr(in.Number("gpu", 0), 0),
		Memory: world.ValueOr(in.Number("memory", 0), 0), Disk: world.ValueOr(in.Number("disk", 0), 0),
		GpuTypes: in.Fields["gpuType"], AutoStop: in.Number("autoStopInterval", anyNumber),
		AutoArchive: in.Number("autoArchiveInterval", anyNumber), AutoDelete: in.Number("autoDeleteInterval", anyNumber),
		Volumes: in.List("volumes"), Linked: world.ValueOr(in.Text("linkedSandbox"), ""),
	}
	if sent := in.Fields["buildInfo"]; sent != nil && sent != "" && sent != false {
		// The nested object is not validated: an empty one is as good as any.
		m, _ := sent.(map[string]any)
		q.Build = world.OrEmpty(m)
	}
	if q.Gpu > 1 {
		in.AddProblem("gpu must not be greater than 1")
	}
	if version != world.Version190 {
		q.AutoPause, q.Ttl = in.Number("autoPauseInterval", 0), in.Number("ttlMinutes", 0)
		q.Proxy, q.Otel, q.Spot = in.Text("outboundProxyUrl"), in.Text("otelEndpointOverride"), in.Flag("spot")
		q.Secrets = in.List("secrets")
	}
	q.Fraction = in.Fraction
	return q, in.Err()
}

// checkExclusive refuses fields that do not go together.
func (q *CreateSandbox) CheckExclusive() error {
	if q.Build != nil {
		switch {
		case q.Snapshot != "":
			return world.BadRequest("Cannot specify a snapshot when using a build info entry")
		case q.Linked != "":
			return world.BadRequest("Cannot specify a linked sandbox when using a build info entry")
		}
		return nil
	}
	types, _ := q.GpuTypes.([]any)
	if q.Cpu != 0 || q.Gpu != 0 || q.Memory != 0 || q.Disk != 0 || len(types) > 0 {
		return world.BadRequest("Cannot specify Sandbox resources when using a snapshot")
	}
	return nil
}
