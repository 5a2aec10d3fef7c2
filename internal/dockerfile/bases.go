package dockerfile

import (
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// A Base is an image of a registry that a build reads.
type Base struct {
	Line    int
	Keyword string // FROM, or COPY and RUN for an image in from
	// Image is the reference with variables expanded, or as written if Unknown is set.
	Image string
	// Unknown is the name of a variable whose value is not known.
	Unknown string
	// Platform is the value of FROM --platform with variables expanded; "" if not set.
	Platform string
}

// Bases returns the images of FROM, COPY --from and RUN --mount=from in the order of
// the text, without scratch and the stages. args are the values of build arguments.
func (f *File) Bases(args map[string]string) []Base {
	var all []Base
	f.walk(args, func(p place) { all = append(all, p.bases()...) })
	return all
}

func (p place) bases() []Base {
	switch c := p.command.(type) {
	case *instructions.Stage:
		image, unknown, err := p.scope.expand(c.BaseName)
		if err != nil || stageIndex(p.stages, image) >= 0 || image == "scratch" {
			return nil
		}
		if unknown != "" {
			image = c.BaseName
		}
		platform, _, _ := p.scope.expand(c.Platform)
		return []Base{{Line: p.Line, Keyword: p.Keyword, Image: image, Unknown: unknown, Platform: platform}}
	case *instructions.CopyCommand:
		return p.readFrom(c.From)
	case *instructions.RunCommand:
		mounts, _, _ := p.mounts(c)
		var all []Base
		for _, m := range mounts {
			all = append(all, p.readFrom(m.From)...)
		}
		return all
	}
	return nil
}

// readFrom returns the image that an instruction copies from, if it is no stage. Docker
// does not expand variables there, and takes a number as that of a stage.
func (p place) readFrom(from string) []Base {
	if from == "" || from == "scratch" || p.isStage(from) || strings.Contains(from, "$") {
		return nil
	}
	if _, err := strconv.Atoi(from); err == nil {
		return nil
	}
	return []Base{{Line: p.Line, Keyword: p.Keyword, Image: from}}
}
