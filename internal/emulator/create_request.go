package emulator

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
		name: in.name(false), snapshot: valueOr(in.text("snapshot"), ""), user: valueOr(in.text("user"), ""),
		env: in.object("env"), labels: in.object("labels"), public: valueOr(in.flag("public"), false),
		blockAll: valueOr(in.flag("networkBlockAll"), false), networks: in.text("networkAllowList"),
		domains: in.text("domainAllowList"), target: valueOr(in.text("target"), ""),
		cpu: valueOr(in.number("cpu", 0), 0), gpu: valueOr(in.number("gpu", 0), 0),
		memory: valueOr(in.number("memory", 0), 0), disk: valueOr(in.number("disk", 0), 0),
		gpuTypes: in.fields["gpuType"], autoStop: in.number("autoStopInterval", anyNumber),
		autoArchive: in.number("autoArchiveInterval", anyNumber), autoDelete: in.number("autoDeleteInterval", anyNumber),
		volumes: in.list("volumes"), linked: valueOr(in.text("linkedSandbox"), ""),
	}
	if sent := in.fields["buildInfo"]; sent != nil && sent != "" && sent != false {
		// The nested object is not validated: an empty one is as good as any.
		m, _ := sent.(map[string]any)
		q.build = orEmpty(m)
	}
	if q.gpu > 1 {
		in.addProblem("gpu must not be greater than 1")
	}
	if version != Version190 {
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
			return badRequest("Cannot specify a snapshot when using a build info entry")
		case q.linked != "":
			return badRequest("Cannot specify a linked sandbox when using a build info entry")
		}
		return nil
	}
	types, _ := q.gpuTypes.([]any)
	if q.cpu != 0 || q.gpu != 0 || q.memory != 0 || q.disk != 0 || len(types) > 0 {
		return badRequest("Cannot specify Sandbox resources when using a snapshot")
	}
	return nil
}
