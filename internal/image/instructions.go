package image

import (
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/imageref"
	"fleet/internal/yamldoc"
)

var (
	uvVersionPattern = regexp.MustCompile(`^[0-9]+\.[0-9]+(\.[0-9]+)?$`)
	userPattern      = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$`)
	modePattern      = regexp.MustCompile(`^[0-7]{3,4}$|^[ugoa]*[-+=][rwxXst]+(,[ugoa]*[-+=][rwxXst]+)*$`)
	stagePattern     = regexp.MustCompile(`^[a-z][a-z0-9_.-]*$|^[0-9]+$`)
	portPattern      = regexp.MustCompile(`^[0-9]{1,5}(-[0-9]{1,5})?(/(tcp|udp|sctp))?$`)
	labelKeyPattern  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]*$`)
)

// decodeUser reads a user, with or without a group.
func decodeUser(r reader, n *yaml.Node, path string) part {
	return lines{"USER " + r.matching(n, path, "a user, or a user and a group as in app:app", userPattern.MatchString)}
}

// decodeExpose reads ports.
func decodeExpose(r reader, n *yaml.Node, path string) part {
	var ports []string
	for _, item := range r.items(n, path) {
		ports = append(ports, r.matching(item.node, item.path, "a port, such as 8080, 53/udp or 8000-8010", isPort))
	}
	if len(ports) == 0 {
		return lines(nil)
	}
	return lines{"EXPOSE " + strings.Join(ports, " ")}
}

// isPort reports whether a text is a port or a range of ports.
func isPort(s string) bool {
	if !portPattern.MatchString(s) {
		return false
	}
	numbers, _, _ := strings.Cut(s, "/")
	low, high, isRange := strings.Cut(numbers, "-")
	inRange := func(n string) bool {
		n = strings.TrimLeft(n, "0")
		return n != "" && (len(n) < 5 || n <= "65535")
	}
	return inRange(low) && (!isRange || inRange(high) && (len(low) < len(high) || len(low) == len(high) && low <= high))
}

// decodeLabel reads labels.
func decodeLabel(r reader, n *yaml.Node, path string) part {
	var all lines
	entries, _ := r.Entries(n, path)
	for _, e := range entries {
		if !labelKeyPattern.MatchString(e.Name) {
			r.Errorf(e.Key, path, "%q is not the key of a label; write letters, digits and . _ / - inside", e.Name)
		}
		all = append(all, "LABEL "+e.Name+"="+shellQuote(r.value(e, at(path, e.Name))))
	}
	return all
}

// decodeArg reads build arguments: names with defaults, or names alone.
func decodeArg(r reader, n *yaml.Node, path string) part {
	var all lines
	if !r.isMapping(n) {
		for _, item := range r.items(n, path) {
			all = append(all, "ARG "+r.matching(item.node, item.path, "the name of a build argument", argNamePattern.MatchString))
		}
		return all
	}
	entries, _ := r.Entries(n, path)
	for _, e := range entries {
		if !argNamePattern.MatchString(e.Name) {
			r.Errorf(e.Key, path, "%q is not the name of a build argument", e.Name)
		}
		if yamldoc.IsNull(r.Resolve(e.Value)) {
			all = append(all, "ARG "+e.Name)
			continue
		}
		all = append(all, "ARG "+e.Name+"="+shellQuote(r.value(e, at(path, e.Name))))
	}
	return all
}

// decodeCopy reads a COPY: from another stage or image, or of local files by patterns.
func decodeCopy(r reader, n *yaml.Node, path string) part {
	keys := r.mapping(n, path, copyKeys)
	words := []string{"COPY"}
	from := keys["from"]
	if from != nil {
		words = append(words, "--from="+r.matching(from, at(path, "from"), "a stage, or a registry reference", isStageOrImage))
	}
	if owner := keys["chown"]; owner != nil {
		words = append(words, "--chown="+r.matching(owner, at(path, "chown"), "a user, or a user and a group as in app:app", userPattern.MatchString))
	}
	if mode := keys["chmod"]; mode != nil {
		words = append(words, "--chmod="+r.matching(mode, at(path, "chmod"), "a mode, such as \"0755\" or u+x", modePattern.MatchString))
	}
	if keys["sources"] == nil || keys["to"] == nil {
		return lines(nil)
	}
	var args []string
	for _, item := range r.items(keys["sources"], at(path, "sources")) {
		s := r.oneLine(item.node, item.path)
		if from == nil {
			r.checkLocalPattern(item.node, item.path, s)
		}
		args = append(args, expandable(s))
	}
	to := r.remotePath(keys["to"], at(path, "to"))
	if len(args) > 1 && !strings.HasSuffix(to, "/") {
		r.Errorf(keys["to"], at(path, "to"), "several sources are copied into a directory, which ends in a slash").Hint = "write " + to + "/"
	}
	return lines{strings.Join(append(words, copyWords(append(args, expandable(to))...)), " ")}
}

// checkLocalPattern reports a pattern that leads out of the directory of the spec file.
func (r reader) checkLocalPattern(n *yaml.Node, path, s string) {
	for _, p := range strings.Split(s, "/") {
		if p == ".." {
			r.Errorf(n, path, "a source must be in the directory of the spec file").Hint = "use add_local_file or add_local_dir, which copy from any directory"
			return
		}
	}
	if strings.HasPrefix(s, "/") || strings.HasPrefix(s, "~") {
		r.Errorf(n, path, "a source must be relative to the directory of the spec file").Hint = "use add_local_file or add_local_dir, which copy from any directory"
	}
}

// isStageOrImage reports whether a text can be the value of COPY --from.
func isStageOrImage(s string) bool {
	_, wrong := imageref.ParseReference(s)
	return stagePattern.MatchString(s) || wrong.Message == ""
}
