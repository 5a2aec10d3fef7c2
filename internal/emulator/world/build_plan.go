package world

import "fmt"

// buildPlan is the course of a build: its instructions and, if it fails, the reason.
type buildPlan struct {
	instructions []instruction
	executed     int    // number of executed instructions; the last one may have failed
	failure      string // "" if the build succeeds
}

// planBuild returns the course of a build. It depends only on the Dockerfile and the
// uploads.
func (w *World) planBuild(b *BuildInfo) buildPlan {
	p := buildPlan{}
	if b == nil {
		return p
	}
	p.instructions = instructionsOf(ValueOr(b.DockerfileContent, ""))
	p.executed = len(p.instructions)
	if w.built[b.SnapshotRef] {
		return p
	}
	files, err := w.loadContext(b.ContextHashes)
	if err != nil {
		p.executed, p.failure = 0, "failed to build image: "+err.Error()
		return p
	}
	for n, i := range p.instructions {
		if p.failure = instructionFailure(i, files); p.failure != "" {
			p.executed = n + 1
			return p
		}
	}
	return p
}

// instructionFailure returns the reason why an instruction fails, or "". RUN exit 1
// and RUN false fail, and so does a COPY of a file that is not in the context.
func instructionFailure(i instruction, files buildContext) string {
	if i.word == "RUN" && (i.args == "exit 1" || i.args == "false") {
		return fmt.Sprintf(`failed to build image: process "/bin/sh -c %s" did not complete successfully: exit code: 1`, i.args)
	}
	for _, source := range i.contextSources() {
		if !files.has(source) {
			return fmt.Sprintf("failed to build image: %s failed: file not found in build context: stat %s: file does not exist", i.word, source)
		}
	}
	return ""
}
