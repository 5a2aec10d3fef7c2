// Package ci writes the formats of CI services: SARIF logs, JUnit reports and
// annotations of GitHub Actions. It knows nothing of plans.
package ci

import (
	"encoding/json"
	"io"
	"net/url"
	"slices"

	"fleet/spec"
)

// The objects of a SARIF log, version 2.1.0. Properties that fleet does not use
// have the defaults of the schema, which readers may depend on.
type (
	sarifLog struct {
		Schema     string      `json:"$schema"`
		Version    string      `json:"version"`
		Runs       []*SARIFRun `json:"runs"`
		Properties struct{}    `json:"properties"`
	}
	sarifTool struct {
		Driver     sarifDriver `json:"driver"`
		Extensions emptyList   `json:"extensions"`
	}
	sarifDriver struct {
		Contents            []string    `json:"contents"`
		IsComprehensive     bool        `json:"isComprehensive"`
		Language            string      `json:"language"`
		Locations           emptyList   `json:"locations"`
		Name                string      `json:"name"`
		Notifications       emptyList   `json:"notifications"`
		Rules               []SARIFRule `json:"rules"`
		SemanticVersion     string      `json:"semanticVersion"`
		SupportedTaxonomies emptyList   `json:"supportedTaxonomies"`
		Taxa                emptyList   `json:"taxa"`
	}
	sarifResult struct {
		PartialFingerprints map[string]string `json:"partialFingerprints,omitempty"`
		Attachments         emptyList         `json:"attachments"`
		CodeFlows           emptyList         `json:"codeFlows"`
		Fixes               emptyList         `json:"fixes"`
		GraphTraversals     emptyList         `json:"graphTraversals"`
		Graphs              emptyList         `json:"graphs"`
		Kind                string            `json:"kind"`
		Level               string            `json:"level"`
		Locations           []sarifLocation   `json:"locations"`
		Message             sarifMessage      `json:"message"`
		Rank                unset             `json:"rank"`
		RelatedLocations    emptyList         `json:"relatedLocations"`
		RuleID              string            `json:"ruleId"`
		RuleIndex           int               `json:"ruleIndex"`
		Stacks              emptyList         `json:"stacks"`
		Taxa                emptyList         `json:"taxa"`
	}
	sarifMessage struct {
		Arguments emptyList `json:"arguments"`
		Text      string    `json:"text"`
	}
	sarifLocation struct {
		Annotations      emptyList     `json:"annotations"`
		ID               unset         `json:"id"`
		LogicalLocations emptyList     `json:"logicalLocations"`
		PhysicalLocation sarifPhysical `json:"physicalLocation"`
		Relationships    emptyList     `json:"relationships"`
	}
	sarifPhysical struct {
		ArtifactLocation sarifArtifact `json:"artifactLocation"`
		Region           sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		Index unset  `json:"index"`
		URI   string `json:"uri"`
	}
	sarifRegion struct {
		ByteOffset  unset `json:"byteOffset"`
		CharOffset  unset `json:"charOffset"`
		StartColumn int   `json:"startColumn"`
		StartLine   int   `json:"startLine"`
	}
)

// A SARIFRun is the only run of a log. NewSARIFRun returns one.
type SARIFRun struct {
	Addresses                emptyList     `json:"addresses"`
	ColumnKind               string        `json:"columnKind"`
	Graphs                   emptyList     `json:"graphs"`
	Invocations              emptyList     `json:"invocations"`
	Language                 string        `json:"language"`
	LogicalLocations         emptyList     `json:"logicalLocations"`
	NewlineSequences         []string      `json:"newlineSequences"`
	Policies                 emptyList     `json:"policies"`
	RedactionTokens          emptyList     `json:"redactionTokens"`
	Results                  []sarifResult `json:"results"`
	RunAggregates            emptyList     `json:"runAggregates"`
	Taxonomies               emptyList     `json:"taxonomies"`
	ThreadFlowLocations      emptyList     `json:"threadFlowLocations"`
	Tool                     sarifTool     `json:"tool"`
	Translations             emptyList     `json:"translations"`
	VersionControlProvenance emptyList     `json:"versionControlProvenance"`
	WebRequests              emptyList     `json:"webRequests"`
	WebResponses             emptyList     `json:"webResponses"`
}

// A SARIFRule describes a kind of result.
type SARIFRule struct {
	ID               string    `json:"id"`
	Relationships    emptyList `json:"relationships"`
	ShortDescription SARIFText `json:"shortDescription"`
}

// A SARIFText is a text in a SARIF log.
type SARIFText struct {
	Text string `json:"text"`
}

const sarifSchema = "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/main/sarif-2.1/schema/sarif-schema-2.1.0.json"

// An emptyList is [] in JSON.
type emptyList [0]struct{}

// An unset number is -1 in JSON, the default of SARIF.
type unset struct{}

func (unset) MarshalJSON() ([]byte, error) { return []byte("-1"), nil }

// NewSARIFRun returns a run without results. version is the version of fleet.
func NewSARIFRun(version string, rules ...SARIFRule) *SARIFRun {
	const english = "en-US"
	return &SARIFRun{
		ColumnKind:       "unicodeCodePoints",
		Language:         english,
		NewlineSequences: []string{"\r\n", "\n"},
		Results:          []sarifResult{},
		Tool: sarifTool{Driver: sarifDriver{
			Contents:        []string{"localizedData", "nonLocalizedData"},
			Language:        english,
			Name:            "fleet",
			Rules:           rules,
			SemanticVersion: version,
		}},
	}
}

// Add adds a result for one of the rules of the run. level is note, warning or
// error. The file of the position is relative to the workspace; without a line, the
// result is at the start of the file, since readers require a region.
func (r *SARIFRun) Add(rule, level, text string, at spec.Position, fingerprints map[string]string) {
	r.Results = append(r.Results, sarifResult{
		PartialFingerprints: fingerprints,
		Kind:                "fail",
		Level:               level,
		Locations:           []sarifLocation{{PhysicalLocation: sarifPhysicalFromPosition(at)}},
		Message:             sarifMessage{Text: text},
		RuleID:              rule,
		RuleIndex:           slices.IndexFunc(r.Tool.Driver.Rules, func(known SARIFRule) bool { return known.ID == rule }),
	})
}

// sarifPhysicalFromPosition returns a position in SARIF, where files are URIs.
func sarifPhysicalFromPosition(pos spec.Position) sarifPhysical {
	file := url.URL{Path: pos.File}
	return sarifPhysical{
		ArtifactLocation: sarifArtifact{URI: file.String()},
		Region:           sarifRegion{StartLine: max(pos.Line, 1), StartColumn: max(pos.Column, 1)},
	}
}

// Write writes a log that has only this run.
func (r *SARIFRun) Write(w io.Writer) error {
	text, err := json.MarshalIndent(sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []*SARIFRun{r}}, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}
