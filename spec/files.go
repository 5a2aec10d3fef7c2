package spec

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"

	"fleet/internal/buildcontext"
	"fleet/internal/decode"
	"fleet/internal/foreign"
	"fleet/internal/image"
	"fleet/internal/input"
	"fleet/internal/suggest"
)

// Limits of the files of one sandbox. Larger content belongs into an image or a volume.
const (
	MaxUploadFiles = 1_000
	MaxUploadBytes = 32 << 20
)

// hashFiles returns the files of a resource with their content, without entries that a
// layer removed. It reports those that cannot be sent.
func (l *loader) hashFiles(r *Resource, files Files) Files {
	dc := r.from
	if known, ok := l.files[dc]; ok && !dc.copiesDiffer {
		return known
	}
	hashed := Files{}
	for _, at := range slices.Sorted(maps.Keys(files)) {
		if f := files[at]; f.Source != "" {
			hashed[at] = l.hashFile(dc, f)
		}
	}
	l.checkUploads(dc, hashed)
	if l.files == nil {
		l.files = map[*blockDecl]Files{}
	}
	l.files[dc] = hashed
	return hashed
}

// hashFile returns a file with its content.
func (l *loader) hashFile(dc *blockDecl, f LocalFile) LocalFile {
	sources, err := l.selector.Select(image.Source{Root: f.dir, Pattern: f.Source, Archive: contentRoot, Pos: f.pos, Path: f.at})
	h := cmp.Or(l.options.FileHasher, l.options.Hasher)
	if err == nil && h != nil && len(sources) == 1 && l.hasLocalFiles(sources[0].Root) {
		f.Content, err = h.Limited(MaxUploadBytes, MaxUploadFiles).Hash(l.context(), sources[0])
	}
	if err != nil && l.options.LocalFilesIn == "" {
		l.reportFile(dc, f, err)
	}
	return f
}

// reportFile reports why the source of a file cannot be sent.
func (l *loader) reportFile(dc *blockDecl, f LocalFile, err error) {
	report := func(message, hint string) {
		key := f.pos.String() + message
		if !l.reportedFiles[key] {
			if l.reportedFiles == nil {
				l.reportedFiles = map[string]bool{}
			}
			l.reportedFiles[key] = true
			l.decoderOf(dc, f.pos).ErrorfAt(f.pos, f.at, "%s", message).Hint = hint
		}
	}
	var missing *buildcontext.SourceError
	var limit *buildcontext.LimitError
	var several *buildcontext.Problems
	switch {
	case errors.As(err, &missing) && missing.Reason == buildcontext.Missing:
		hint := ""
		if missing.Similar != "" {
			hint = suggest.DidYouMean(f.Source, []string{missing.Similar})
		}
		report(foreign.Escape(f.Source)+" not found; a source is relative to the file of the spec", hint)
	case errors.As(err, &missing) && missing.Reason == buildcontext.Outside && missing.Target != "":
		report(fmt.Sprintf("%s is not uploaded: %s is a link to %s, out of %s", foreign.Escape(f.Source), foreign.Escape(missing.Path), foreign.Escape(missing.Target), missing.Root), "replace the link by the file")
	case errors.As(err, &limit):
		report(foreign.Escape(f.Source)+" has "+uploadLimitText, uploadLimitHint)
	case errors.As(err, &several):
		for _, e := range several.List {
			report(e.Error(), "")
		}
	default:
		report(decode.ReadErrorText(err), "")
	}
}

var uploadLimitText = fmt.Sprintf("more than %d files or %s, the limit for one sandbox", MaxUploadFiles, input.FormatSize(MaxUploadBytes))

const uploadLimitHint = "put large content into an image or a volume"

// checkUploads reports files that do not fit together.
func (l *loader) checkUploads(dc *blockDecl, files Files) {
	owner := map[string]string{} // entry by path in the sandbox
	bytes, count := int64(0), 0
	for _, at := range slices.Sorted(maps.Keys(files)) {
		f := files[at]
		mistake := func(hint, format string, args ...any) {
			l.decoderOf(dc, f.pos).ErrorfAt(f.pos, f.at, format, args...).Hint = hint
		}
		bytes, count = bytes+f.Content.Bytes, count+len(f.Content.Files)
		if bytes > MaxUploadBytes || count > MaxUploadFiles {
			mistake(uploadLimitHint, "the files have together %s", uploadLimitText)
			return
		}
		for _, c := range f.Content.Files {
			target := f.target(at, c.Path)
			if other, taken := owner[target]; taken {
				mistake("", "%s is also in %s; a path has one source", foreign.Escape(target), foreign.Escape(other))
				return
			}
			owner[target] = at
		}
	}
	for target, at := range owner {
		for dir := path.Dir(target); dir != "/"; dir = path.Dir(dir) {
			if other, isFile := owner[dir]; isFile {
				f := files[at]
				what := foreign.Escape(dir) + " is a file"
				if dir != other {
					what += " of " + foreign.Escape(other)
				}
				l.decoderOf(dc, f.pos).ErrorfAt(f.pos, f.at, "%s, and nothing can be below it", what)
				return
			}
		}
	}
}

// Files returns the files to upload to the sandbox; nil if the spec sets none.
func (r *Resource) Files() Files {
	for a, v := range r.attrs.all() {
		if files, ok := v.(Files); ok && a.Change.Upload {
			return files
		}
	}
	return nil
}

// WithUploaded returns a copy of the labels of a sandbox in which the fingerprint has the
// digest of the uploaded files, or none if done is false.
func (r *Resource) WithUploaded(labels map[string]string, done bool) map[string]string {
	marked := maps.Clone(labels)
	if marked == nil {
		marked = map[string]string{}
	}
	fp := parseFingerprint(labels[FingerprintLabel])
	letters, digests := fp.split()
	for _, m := range r.managed() {
		if !m.Change.Upload {
			continue
		}
		if i := slices.Index(letters, m.FingerprintLetter); i >= 0 {
			letters, digests = slices.Delete(letters, i, i+1), slices.Delete(digests, i, i+1)
		}
		if done {
			letters, digests = append(letters, m.FingerprintLetter), append(digests, m.digest)
		}
	}
	setLabel(marked, FingerprintLabel, encodeFingerprint(letters, digests))
	return marked
}

// WithoutUploads returns a copy of the labels of a sandbox without the digest of uploaded
// files. A new sandbox has none.
func WithoutUploads(labels map[string]string) map[string]string {
	letters, digests := parseFingerprint(labels[FingerprintLabel]).split()
	for _, a := range sandboxTable {
		if i := slices.Index(letters, a.FingerprintLetter); i >= 0 && a.Change.Upload {
			letters, digests = slices.Delete(letters, i, i+1), slices.Delete(digests, i, i+1)
			rest := maps.Clone(labels)
			setLabel(rest, FingerprintLabel, encodeFingerprint(letters, digests))
			return rest
		}
	}
	return labels
}

// NeedsUpload reports whether the files of the sandbox have to be uploaded.
func (d Diff) NeedsUpload() bool { return d.Attr.Change.Upload }

// UploadedFiles reports whether the labels state that the sandbox has the files of the
// spec.
func (r *Resource) UploadedFiles(labels map[string]string) bool {
	fp := parseFingerprint(labels[FingerprintLabel])
	return slices.ContainsFunc(r.managed(), func(m managedAttribute) bool { return m.Change.Upload && r.matchesFingerprint(fp, &m) })
}

// UploadDiff returns the difference of an object whose content of uploaded files is not
// that of the spec, although the labels state that it has them. The details are clauses.
func (r *Resource) UploadDiff(details []string) Diff {
	for a, v := range r.attrs.all() {
		if a.Change.Upload {
			return Diff{Attr: a, Want: v, Unknown: true, Cause: ChangedRemotely, Details: details}
		}
	}
	return Diff{}
}
