package spec

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// An Image is what a snapshot or a sandbox is made of: an image of a registry,
// or a Dockerfile.
type Image struct {
	Name       string // as the spec has it: a registry reference, or the key of an image of the spec
	Dockerfile string // empty for a registry reference that is pulled as it is
	Context    string // names of uploaded files that go with the Dockerfile, sorted and joined, as the server has them
}

// Ref identifies what a Dockerfile builds, as the server computes it (its
// BuildInfo.snapshotRef). It is empty for a registry reference.
func (i Image) Ref() string {
	if i.Dockerfile == "" {
		return ""
	}
	return fmt.Sprintf("daytona-%x:daytona", sha256.Sum256([]byte(i.Dockerfile+i.Context)))
}

// withFinalNewline is the image with a Dockerfile, if any, that ends in one newline, as
// those of specs do.
func (i Image) withFinalNewline() Image {
	if i.Dockerfile != "" {
		i.Dockerfile = strings.TrimRight(i.Dockerfile, "\n") + "\n"
	}
	return i
}

// normalized is the image with its Dockerfile, if any, as Docker reads it: without
// a byte order mark, with lines that end in LF, and with one of them at its end.
// Documents within a Dockerfile keep their lines, so that one which may have
// some is left alone.
func (i Image) normalized() Image {
	if i.Dockerfile == "" {
		return i
	}
	text := strings.TrimPrefix(i.Dockerfile, "\ufeff")
	if !strings.Contains(text, "<<") {
		text = trailingReturns.ReplaceAllString(text, "\n")
	}
	i.Dockerfile = text
	return i.withFinalNewline()
}

var trailingReturns = regexp.MustCompile(`\r+(\n|$)`)

// imageValue is an image by name. What it is made of is filled in when the
// whole spec is known.
var imageValue = Type{
	Name:   "image of the spec, or registry reference with a tag or digest",
	schema: textSchema,
	decode: func(d *decoder, n *yaml.Node, path string) (any, bool) {
		s, ok := d.text(n, path)
		return Image{Name: s}, ok
	},
	same: func(want, have any) bool {
		w, _ := want.(Image)
		h, _ := have.(Image)
		if w.Dockerfile != "" || h.Dockerfile != "" {
			// The server takes the ends of lines for a difference, the build does not.
			return w.normalized().Ref() == h.normalized().Ref()
		}
		return w.Name == h.Name
	},
	format: func(v any) string {
		if i := v.(Image); i.Dockerfile == "" {
			return i.Name
		}
		return v.(Image).Dockerfile
	},
	refs: func(v any, to Kind) []string {
		if to == ImageKind {
			return []string{v.(Image).Name}
		}
		return nil
	},
}

// sendImage puts an image into a create request. field takes references that
// are pulled; builds go under BuildInfo.
func sendImage(field string) func(map[string]any, any) {
	return func(body map[string]any, v any) {
		i := v.(Image)
		if i.Dockerfile == "" {
			body[field] = i.Name
			return
		}
		body["buildInfo"] = map[string]any{"dockerfileContent": i.Dockerfile}
	}
}

// recvImage finds the image in an answer.
func recvImage(field string) func(map[string]json.RawMessage) any {
	return func(fields map[string]json.RawMessage) any {
		var i Image
		var build struct {
			DockerfileContent string
			ContextHashes     []string
		}
		if raw, ok := fields["buildInfo"]; ok && json.Unmarshal(raw, &build) == nil && build.DockerfileContent != "" {
			slices.Sort(build.ContextHashes)
			i.Dockerfile, i.Context = build.DockerfileContent, strings.Join(build.ContextHashes, "")
		} else if raw, ok := fields[field]; ok && json.Unmarshal(raw, &i.Name) != nil {
			return nil
		}
		if i == (Image{}) {
			return nil
		}
		return i
	}
}

// pythonVersions are the releases that debian_slim stands for, by series.
var pythonVersions = map[string]string{
	"3.9": "3.9.22", "3.10": "3.10.17", "3.11": "3.11.12", "3.12": "3.12.10", "3.13": "3.13.3",
}

// debianSlim is the Dockerfile of a Python image on Debian, as Daytona's
// Python SDK writes it: one definition, one build, whoever asks for it.
func debianSlim(version string) string {
	if full, ok := pythonVersions[version]; ok {
		version = full
	}
	return "FROM python:" + version + "-slim-bookworm\n" +
		"RUN apt-get update\n" +
		"RUN apt-get install -y gcc gfortran build-essential\n" +
		"RUN pip install --upgrade pip\n" +
		"RUN echo 'debconf debconf/frontend select Noninteractive' | debconf-set-selections\n"
}

// pipInstall is the line that installs packages, sorted as the SDK does.
func pipInstall(packages []string) string {
	if len(packages) == 0 {
		return ""
	}
	sorted := slices.Sorted(slices.Values(packages))
	for i, p := range sorted {
		sorted[i] = shellQuote(p)
	}
	return "RUN python -m pip install " + strings.Join(sorted, " ") + "\n"
}

// runWords is a RUN line out of words, in the SDK's own quoting.
func runWords(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		w = strings.ReplaceAll(w, `"`, `\\\"`)
		quoted[i] = `"` + strings.ReplaceAll(w, `'`, `\'`) + `"`
	}
	return "RUN " + strings.Join(quoted, " ") + "\n"
}

// execForm is an ENTRYPOINT or CMD line in JSON form.
func execForm(instruction string, words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		var b strings.Builder
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false) // a Dockerfile is no web page
		_ = enc.Encode(w)        // a string always marshals
		quoted[i] = strings.TrimSpace(b.String())
	}
	return instruction + " [" + strings.Join(quoted, ", ") + "]\n"
}

// shellQuote quotes a word for a POSIX shell, leaving plain words bare.
func shellQuote(s string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-"
	if s != "" && strings.Trim(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'"
}

// MarshalJSON makes images that build the same have the same digest, whatever
// they are called.
func (i Image) MarshalJSON() ([]byte, error) {
	if i.Dockerfile != "" {
		return json.Marshal(i.Ref())
	}
	return json.Marshal(i.Name)
}
