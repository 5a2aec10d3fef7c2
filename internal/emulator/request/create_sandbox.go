package request

import (
	"fleet/internal/emulator/world"
)

// CreateSandbox is the validated body of POST /sandbox. Sizes are in vCPU and GiB,
// intervals in minutes; 0, "" and nil mean absent.
type CreateSandbox struct {
	Name, Snapshot, User, Target, Linked string
	Env, Labels                          map[string]any
	Public, BlockAll                     bool
	Networks, Domains                    *string
	CPU, GPU, Memory, Disk               int
	GPUTypes                             any
	AutoStop, AutoArchive, AutoDelete    *int
	AutoPause, TTL                       *int
	Proxy, Otel                          *string
	Spot                                 *bool
	Secrets                              []any
	Volumes                              []any
	Build                                map[string]any
	Fraction                             bool
}

// ReadCreateSandbox reads the body. Version 0.190 ignores the newer fields.
func ReadCreateSandbox(in *Input, version string) (*CreateSandbox, error) {
	q := &CreateSandbox{
		Name: in.Name(false), Snapshot: world.ValueOr(in.Text("snapshot"), ""), User: world.ValueOr(in.Text("user"), ""),
		Env: in.Object("env"), Labels: in.Object("labels"), Public: world.ValueOr(in.Flag("public"), false),
		BlockAll: world.ValueOr(in.Flag("networkBlockAll"), false), Networks: in.Text("networkAllowList"),
		Domains: in.Text("domainAllowList"), Target: world.ValueOr(in.Text("target"), ""),
		CPU: world.ValueOr(in.Number("cpu", 0), 0), GPU: world.ValueOr(in.Number("gpu", 0), 0),
		Memory: world.ValueOr(in.Number("memory", 0), 0), Disk: world.ValueOr(in.Number("disk", 0), 0),
		GPUTypes: in.Fields["gpuType"], AutoStop: in.Number("autoStopInterval", anyNumber),
		AutoArchive: in.Number("autoArchiveInterval", anyNumber), AutoDelete: in.Number("autoDeleteInterval", anyNumber),
		Volumes: in.List("volumes"), Linked: world.ValueOr(in.Text("linkedSandbox"), ""),
	}
	if sent := in.Fields["buildInfo"]; sent != nil && sent != "" && sent != false {
		// The server does not validate the nested object.
		m, _ := sent.(map[string]any)
		q.Build = world.OrEmpty(m)
	}
	if q.GPU > 1 {
		in.AddProblem("gpu must not be greater than 1")
	}
	if version != world.Version190 {
		q.AutoPause, q.TTL = in.Number("autoPauseInterval", 0), in.Number("ttlMinutes", 0)
		q.Proxy, q.Otel, q.Spot = in.Text("outboundProxyUrl"), in.Text("otelEndpointOverride"), in.Flag("spot")
		q.Secrets = in.List("secrets")
	}
	q.Fraction = in.Fraction
	return q, in.Err()
}

// CheckExclusive returns an error for fields that exclude each other.
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
	types, _ := q.GPUTypes.([]any)
	if q.CPU != 0 || q.GPU != 0 || q.Memory != 0 || q.Disk != 0 || len(types) > 0 {
		return world.BadRequest("Cannot specify Sandbox resources when using a snapshot")
	}
	return nil
}
