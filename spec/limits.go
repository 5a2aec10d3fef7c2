package spec

import "fmt"

// These bound all files of a spec together, those that it includes or refers to
// among them. One file is bounded by maxFile.
const (
	maxFiles    = 10_000   // of YAML
	maxYAML     = 32 << 20 // bytes of YAML, which takes up to 200 times as much in memory
	maxIncludes = 100      // files that include each other
)

// checkLimits returns the mistake of a spec that one more file takes beyond its
// bounds, or nil.
func (l *loader) checkLimits(file string, size int) error {
	var wrong string
	switch l.yamlBytes += size; {
	case l.includeDepth > maxIncludes:
		wrong = fmt.Sprintf("files include each other more than %d deep", maxIncludes)
	case len(l.Sources) >= maxFiles:
		wrong = fmt.Sprintf("the spec has more than %d files", maxFiles)
	case l.yamlBytes > maxYAML:
		wrong = fmt.Sprintf("the files of the spec are larger than %d MiB together", maxYAML>>20)
	default:
		return nil
	}
	return &Diagnostic{Pos: Position{File: file}, Message: wrong, Hint: "a large spec is written with count and for_each, or as several fleets"}
}
