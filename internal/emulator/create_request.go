package emulator

import (
	"fleet/internal/emulator/world"
)

// createRequest is the body of POST /sandbox after the validator.
type createRequest struct {
	name, snapshot, user, target, linked string
	env, labels                          map[string]any
	public, blockAll                     bool
	networks, domains                    *string
	cpu, gpu, memory, disk               int
	gpuTypes                             any
	autoStop, autoArchive, autoDelete    *int
	autoPause, ttl                       *int
	proxy, otel                          *string
	spot                                 *bool
	secrets                              []any
	volumes                              []any
	build                                map[string]any
	fraction                             bool
}

// readCreate reads the body; the newer fields are as good as unknown on 0.190.
func readCreate(in *input, version string) (*createRequest, error) {
	q := &createRequest{
		name: in.name(false), snapshot: world.ValueOr(in.text("snapshot"), ""), user: world.ValueOr(in.text("user"), ""),
		env: in.object("env"), labels: in.object("labels"), public: world.ValueOr(in.flag("public"), false),
		blockAll: world.ValueOr(in.flag("networkBlockAll"), false), networks: in.text("networkAllowList"),
		domains: in.text("domainAllowList"), target: world.ValueOr(in.text("target"), ""),
		cpu: world.ValueOr(in.number("cpu", 0), 0), gpu: world.ValueOr(in.number("gpu", 0), 0),
		memory: world.ValueOr(in.number("memory", 0), 0), disk: world.ValueOr(in.number("disk", 0), 0),
		gpuTypes: in.fields["gpuType"], autoStop: in.number("autoStopInterval", anyNumber),
		autoArchive: in.number("autoArchiveInterval", anyNumber), autoDelete: in.number("autoDeleteInterval", anyNumber),
		volumes: in.list("volumes"), linked: world.ValueOr(in.text("linkedSandbox"), ""),
	}
	if sent := in.fields["buildInfo"]; sent != nil && sent != "" && sent != false {
		// The nested object is not validated: an empty one is as good as any.
		m, _ := sent.(map[string]any)
		q.build = world.OrEmpty(m)
	}
	if q.gpu > 1 {
		in.addProblem("gpu must not be greater than 1")
	}
	if version != world.Version190 {
		q.autoPause, q.ttl = in.number("autoPauseInterval", 0), in.number("ttlMinutes", 0)
		q.proxy, q.otel, q.spot = in.text("outboundProxyUrl"), in.text("otelEndpointOverride"), in.flag("spot")
		q.secrets = in.list("secrets")
	}
	q.fraction = in.fraction
	return q, in.err()
}

// checkExclusive refuses fields that do not go together.
func (q *createRequest) checkExclusive() error {
	if q.build != nil {
		switch {
		case q.snapshot != "":
			return world.BadRequest("Cannot specify a snapshot when using a build info entry")
		case q.linked != "":
			return world.BadRequest("Cannot specify a linked sandbox when using a build info entry")
		}
		return nil
	}
	types, _ := q.gpuTypes.([]any)
	if q.cpu != 0 || q.gpu != 0 || q.memory != 0 || q.disk != 0 || len(types) > 0 {
		return world.BadRequest("Cannot specify Sandbox resources when using a snapshot")
	}
	return nil
}
