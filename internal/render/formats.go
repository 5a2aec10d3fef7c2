package render

import (
	"io"

	"fleet/apply"
	"fleet/internal/gc"
	"fleet/internal/imageview"
	"fleet/internal/render/ci"
	"fleet/plan"
)

// A Writer writes a value in one format. A nil Writer means that the value has
// no such format.
type Writer[T any] func(w io.Writer, value T) error

// A Format is a row of [Formats]: its name, and a writer for each kind of output
// that it exists for. Flags, completion, help and tests read this table, so a
// format that is listed for a command is one that the command can write.
type Format struct {
	Name string // as users write it after -o and in --out NAME=FILE

	// Current is the version that NAME@CURRENT selects, as NAME alone does; 0 if the
	// format has no versions.
	Current int
	Earlier []Format // rows of earlier versions, each for one release after its successor

	Plan      Writer[*Document]     // a plan: fleet plan
	Show      Writer[*Document]     // a saved plan: fleet show
	Drift     Writer[*Document]     // the drift of a fleet: fleet drift
	Report    Writer[*Document]     // a run: fleet apply, destroy, watch and gc
	Refused   Writer[*Document]     // a plan that was not run, with the reasons in its report: as for Report
	GC        Writer[*Document]     // what gc found and would do: as for Report
	Validate  Writer[Validation]    // what is wrong with a spec: fleet validate
	Doctor    Writer[Examination]   // the checks of fleet doctor
	Status    Writer[Status]        // existing objects: fleet status
	Last      Writer[*StoredReport] // the report of an earlier run: fleet status --last
	Snapshots Writer[Snapshots]     // snapshots with their versions and users: fleet snapshots
	Explain   Writer[Explanation]   // the reference of the spec: fleet explain
	Config    Writer[Config]        // the resolved spec: fleet config
	Version   Writer[Build]         // the version of the program: fleet version

	ImageRender  Writer[[]imageview.Dockerfile] // Dockerfiles of images: fleet image render
	ImageContext Writer[ImageContexts]          // local files of images: fleet image context
	ImageDiff    Writer[ImageDiffs]             // images of the spec and of objects: fleet image diff

	Stream func(w io.Writer, fleet string) *EventWriter // the events of a run, written as they happen; nil if the format is written at the end

	Chunks bool // the plan's writer writes whole values at a time, so that each can be redacted alone

	Escaped bool // the writers escape foreign text themselves, and their output must stay as it is
}

// A Document is what the formats of a plan or a run show. Each format reads the
// fields that it needs.
type Document struct {
	Plan      *plan.Plan
	Report    *apply.Report   // how the run of the plan ended; nil if there was none
	Unmanaged *plan.Unmanaged // objects that no spec owns; nil unless drift lists them
	GC        *gc.Report      // what gc found; nil for other commands
	Style     Style           // of the plan; colours and width are for text that is printed at once
	SpecFile  string          // where SARIF places resources that the spec does not declare
	Version   string          // of fleet, for SARIF
	Workspace ci.Workspace    // that annotations and SARIF name files in
}

// Names of formats that code refers to.
const (
	TextFormat     = "text"     // for people; printed during the run
	WideFormat     = "wide"     // text with more columns
	JSONFormat     = "json"     // the report that is stored
	MarkdownFormat = "markdown" // the summary of a job in GitHub Actions
	GitHubFormat   = "github"   // the annotations of a job in GitHub Actions
	NDJSONFormat   = "ndjson"   // the events of --progress json
)

// The versions of JSON. A version changes if a field is removed or changes its meaning,
// not if a field is added.
const (
	jsonVersion    = 1 // of all documents except those that have changes
	changesVersion = 2 // of plans, of drift, and of what gc found: they have the changes of steps
	textVersion    = 1 // of these in json@1, with text as the values of changes
)

// Formats are all output formats. The first one that a command has is its
// default.
var Formats = withEarlierVersions([]Format{
	{
		Name: TextFormat, Plan: planDocumentText, Show: planDocumentText, Drift: driftText, Report: reportDocumentText, Refused: planDocumentText, GC: planDocumentText,
		Validate: validationText, Doctor: doctorText, Status: statusText, Last: lastText, Snapshots: snapshotsText, Explain: explainText, Version: versionText,
		ImageRender: imageDockerfilesText, ImageContext: imageContextsText, ImageDiff: imageDiffsText,
	},
	{Name: WideFormat, Status: statusWide, Last: lastText},
	{Name: "yaml", Config: configYAML},
	{
		Name: JSONFormat, Current: changesVersion, Chunks: true, Plan: planJSONDocument, Show: planJSONDocument, Drift: driftJSONDocument,
		Report: reportJSONDocument, Refused: reportJSONDocument, GC: gcJSONDocument,
		Validate: validationJSONDocument, Doctor: doctorJSONDocument, Status: statusJSONDocument, Last: lastJSON, Snapshots: snapshotsJSONDocument,
		Explain: explainJSON, Config: configJSON, Version: versionJSON,
		ImageRender: imageDockerfilesJSON, ImageContext: imageContextsJSON, ImageDiff: imageDiffsJSON,
	},
	{Name: NDJSONFormat, Report: refusedEvents, Refused: refusedEvents, GC: refusedEvents, Stream: NewEventWriter},
	{Name: MarkdownFormat, Plan: planMarkdown, Drift: driftMarkdown, Report: reportMarkdown, Refused: planMarkdown, GC: planMarkdown},
	{Name: "junit", Plan: planJUnit, Drift: planJUnit, Report: reportJUnit, Refused: reportJUnit, GC: planJUnit},
	{Name: "sarif", Plan: planSARIF, Drift: planSARIF, Validate: validationSARIF},
	{
		Name: GitHubFormat, Plan: planGitHub, Drift: planGitHub, Report: reportGitHub, Refused: planGitHub, GC: planGitHub,
		Validate: validationGitHub, Escaped: true,
	},
	{Name: "dot", Plan: planDOT, Drift: planDOT},
	{Name: "mermaid", Plan: planMermaid, Drift: planMermaid},
})

// withEarlierVersions adds the rows of earlier versions to those of their formats.
func withEarlierVersions(rows []Format) []Format {
	for i := range rows {
		if rows[i].Name == JSONFormat {
			rows[i].Earlier = []Format{firstJSON(rows[i])}
		}
	}
	return rows
}

// FormatNames returns the names of the formats with a writer in a column of the
// table, in its order.
func FormatNames[T any](column func(Format) Writer[T]) []string {
	var names []string
	for _, f := range Formats {
		if column(f) != nil {
			names = append(names, f.Name)
		}
	}
	return names
}
