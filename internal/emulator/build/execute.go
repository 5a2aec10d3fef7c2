package build

import (
	"fmt"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// execute returns what an instruction prints, and why it fails; "" if it succeeds.
func (i *instruction) execute(files *Context) (output, failure string) {
	switch c := i.command.(type) {
	case *instructions.CopyCommand:
		if c.From == "" {
			return "", missing("COPY", c.SourcePaths, files)
		}
	case *instructions.AddCommand:
		var local []string
		for _, source := range c.SourcePaths {
			if !isRemote(source) {
				local = append(local, source)
			}
		}
		return "", missing("ADD", local, files)
	case *instructions.RunCommand:
		for _, m := range instructions.GetMounts(c) {
			if m.Type == instructions.MountTypeBind && m.From == "" && !files.has(m.Source) {
				return "", fmt.Sprintf("failed to compute cache key: failed to calculate checksum of ref: %q: not found", "/"+strings.TrimPrefix(m.Source, "/"))
			}
		}
		return run(c)
	}
	return "", ""
}

// missing returns the failure for the first source that is not in the context.
func missing(keyword string, sources []string, files *Context) string {
	for _, source := range sources {
		if !files.has(strings.Replace(source, "/./", "/", 1)) {
			return fmt.Sprintf("%s failed: file not found in build context: stat %s: file does not exist", keyword, source)
		}
	}
	return ""
}

// isRemote reports whether ADD downloads a source.
func isRemote(source string) bool {
	if strings.Contains(source, "://") {
		return true
	}
	user, rest, found := strings.Cut(source, "@")
	return found && strings.Contains(rest, ":") && !strings.ContainsAny(user, "/:")
}

// run returns the output and the failure of a RUN.
func run(c *instructions.RunCommand) (output, failure string) {
	command := strings.Join(c.CmdLine, " ")
	script := command
	switch {
	case !c.PrependShell:
		script = quoted(c.CmdLine)
	case len(c.Files) == 1 && strings.HasPrefix(command, "<<") && len(strings.Fields(command)) == 1:
		script = c.Files[0].Data
	default:
		for _, doc := range c.Files {
			script += "\n" + doc.Data + doc.Name
		}
	}
	output, code := simulate(script)
	if code == 0 {
		return output, ""
	}
	if c.PrependShell {
		command = "/bin/sh -c " + command
	}
	return output, fmt.Sprintf("process %q did not complete successfully: exit code: %d", command, code)
}
