package render

import (
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
	"slices"

	"fleet/spec"
)

// The objects of a SARIF log, version 2.1.0. All that fleet has nothing to say
// about has the default of the schema; earlier versions of fleet wrote these
// defaults too, and readers may count on them.
type (
	sarifLog struct {
		Schema     string      `json:"$schema"`
		Version    string      `json:"version"`
		Runs       []*sarifRun `json:"runs"`
		Properties struct{}    `json:"properties"`
	}
	sarifRun struct {
		Addresses                emptyList     `json:"addresses"`
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
		Rules               []sarifRule `json:"rules"`
		SemanticVersion     string      `json:"semanticVersion"`
		SupportedTaxonomies emptyList   `json:"supportedTaxonomies"`
		Taxa                emptyList   `json:"taxa"`
	}
	sarifRule struct {
		ID               string    `json:"id"`
		Relationships    emptyList `json:"relationships"`
		ShortDescription sarifText `json:"shortDescription"`
	}
	sarifText struct {
		Text string `json:"text"`
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
		Region           *sarifRegion  `json:"region,omitempty"`
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

const sarifSchema = "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/main/sarif-2.1/schema/sarif-schema-2.1.0.json"

// An emptyList is [] in JSON.
type emptyList [0]struct{}

// An unset number is -1 in JSON, the default of SARIF.
type unset struct{}

func (unset) MarshalJSON() ([]byte, error) { return []byte("-1"), nil }

// newSARIFRun returns a run of the given version of fleet, with no results.
func newSARIFRun(version string, rules ...sarifRule) *sarifRun {
	const english = "en-US"
	return &sarifRun{
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

// add adds a result for one of the rules of the run.
func (r *sarifRun) add(rule, level, text string, at spec.Position, fingerprints map[string]string) {
	r.Results = append(r.Results, sarifResult{
		PartialFingerprints: fingerprints,
		Kind:                "fail",
		Level:               level,
		Locations:           []sarifLocation{{PhysicalLocation: sarifPhysicalFromPosition(at)}},
		Message:             sarifMessage{Text: text},
		RuleID:              rule,
		RuleIndex:           slices.IndexFunc(r.Tool.Driver.Rules, func(known sarifRule) bool { return known.ID == rule }),
	})
}

// sarifPhysicalFromPosition returns a position as SARIF has it: files are URIs.
func sarifPhysicalFromPosition(pos spec.Position) sarifPhysical {
	file := url.URL{Path: filepath.ToSlash(pos.File)}
	p := sarifPhysical{ArtifactLocation: sarifArtifact{URI: file.String()}}
	if pos.Line > 0 {
		p.Region = &sarifRegion{StartLine: pos.Line, StartColumn: pos.Column}
	}
	return p
}

// write writes a log of the run alone.
func (r *sarifRun) write(w io.Writer) error {
	text, err := json.MarshalIndent(sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []*sarifRun{r}}, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}
