package cli

import (
	_ "embed"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"fleet/internal/render"
)

// What the linker sets: the version of release builds, and the commit and its date of
// builds in which Go does not record them.
var (
	release = ""
	commit  = "" // hexadecimal
	date    = "" // RFC 3339
)

// archived holds the commit and its date in archives of the sources that git wrote, such as
// those that GitHub offers and gives to actions. Elsewhere it holds the format itself.
//
//go:embed archived.txt
var archived string

// Version returns the version of the program: that of the release, or else the
// version of the module, or dev.
func Version() string {
	info, _ := debug.ReadBuildInfo()
	return versionOf(info)
}

// versionOf returns the version of a build, whose information is nil if it has none.
func versionOf(info *debug.BuildInfo) string {
	if release != "" {
		return release
	}
	if info == nil || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "dev"
	}
	return info.Main.Version
}

// pseudoVersion matches the versions that Go gives to commits without a tag.
var pseudoVersion = regexp.MustCompile(`[-.](\d{14})-([0-9a-f]{12})(\+dirty)?$`)

// archiveStamp returns the commit and the date in the text of archived.txt. Both are empty
// outside of archives.
func archiveStamp(text string) (commit, date string) {
	commit, date, ok := strings.Cut(strings.TrimSpace(text), " ")
	if _, err := time.Parse(time.RFC3339, date); !ok || err != nil {
		return "", ""
	}
	return commit, date
}

// buildOf returns the version of a build, and the commit and the date that the linker, the
// archive of the sources, the version control, or else the version of the module names. The
// version control comes after the archive, whose files may lie in another repository.
func buildOf(info *debug.BuildInfo) render.Build {
	b := render.Build{Version: versionOf(info), Commit: commit, Date: date}
	if b.Commit == "" {
		b.Commit, b.Date = archiveStamp(archived)
	}
	if info == nil {
		return b
	}
	recorded := map[string]string{}
	for _, s := range info.Settings {
		recorded[s.Key] = s.Value
	}
	if b.Commit == "" {
		b.Commit, b.Date = recorded["vcs.revision"], recorded["vcs.time"]
	}
	b.Modified = b.Commit == recorded["vcs.revision"] && recorded["vcs.modified"] == "true"
	if m := pseudoVersion.FindStringSubmatch(info.Main.Version); b.Commit == "" && m != nil {
		b.Commit, b.Modified = m[2], m[3] != ""
		if at, err := time.Parse("20060102150405", m[1]); err == nil {
			b.Date = at.Format(time.RFC3339)
		}
	}
	return b
}
