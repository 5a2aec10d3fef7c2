package world

import "fmt"

// buildPlan is how a build goes: the instructions that are carried out and, when
// it fails, why.
type buildPlan struct {
	instructions []instruction
	executed     int // of them, the last one may be what failed
	failure      string
}

// planBuild tells how a build goes. It depends on the Dockerfile and on what was
// uploaded, on nothing else.
func (w *World) planBuild(b *buildInfo) buildPlan {
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

// instructionFailure says why an instruction fails: RUN exit 1, RUN false, or a COPY of
// what is not in the context.
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
