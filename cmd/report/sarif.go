package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"dockerflow/generator/contract"
	"dockerflow/generator/failure"
)

// The parts of SARIF 2.1.0 that a report needs.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		Results     []sarifResult     `json:"results"`
		ColumnKind  string            `json:"columnKind"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"semanticVersion"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID      string            `json:"id"`
		Short   sarifText         `json:"shortDescription"`
		Help    sarifText         `json:"help"`
		HelpURI string            `json:"helpUri,omitempty"`
		Default sarifLevel        `json:"defaultConfiguration"`
		More    map[string]string `json:"properties"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifLevel struct {
		Level string `json:"level"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		ExitCode      int                 `json:"exitCode"`
		Notifications []sarifNotification `json:"toolExecutionNotifications"`
	}
	sarifNotification struct {
		Level   string        `json:"level"`
		Message sarifText     `json:"message"`
		Rule    *sarifRuleRef `json:"associatedRule,omitempty"`
	}
	sarifRuleRef struct {
		ID    string `json:"id"`
		Index int    `json:"index"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		RuleIndex    int                `json:"ruleIndex"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Fingerprints map[string]string  `json:"partialFingerprints"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
	}
	sarifLocation struct {
		Physical *sarifPhysical `json:"physicalLocation,omitempty"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine int `json:"startLine"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
		Kind string `json:"kind"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Justification string `json:"justification"`
	}
)

// sarif makes each finding a result. Findings that are ignored or in the baseline are suppressed results. Rules that are
// not checkable are notifications, because readers show every kind of result as a problem.
func (c *Check) sarif(version string) sarifLog {
	driver := sarifDriver{Name: "dockerflow check", Version: version, InformationURI: "https://github.com/mozilla-services/Dockerflow"}
	call := sarifInvocation{Successful: true, Notifications: []sarifNotification{}}
	if c.Fails() {
		call.ExitCode = failure.Finding
	}
	results := []sarifResult{}
	for i, j := range c.Judged {
		driver.Rules = append(driver.Rules, sarifRule{
			j.ID, sarifText{j.Says}, sarifText{j.Fix}, j.URL, sarifLevel{sarifLevels[j.Level]},
			map[string]string{"level": string(j.Level), "source": j.Source},
		})
		if state(j) == notCheckable {
			call.Notifications = append(call.Notifications, sarifNotification{"note", sarifText{"not checkable: " + j.Note}, &sarifRuleRef{j.ID, i}})
			continue
		}
		for _, f := range j.Findings {
			results = append(results, c.sarifResult(i, j, f, j.Ignored))
		}
		for _, f := range j.Known {
			results = append(results, c.sarifResult(i, j, f, "in the baseline "+c.Baseline))
		}
	}
	for _, note := range c.Notes {
		call.Notifications = append(call.Notifications, sarifNotification{"note", sarifText{note}, nil})
	}
	return sarifLog{
		"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0",
		[]sarifRun{{sarifTool{driver}, []sarifInvocation{call}, results, "utf16CodeUnits"}},
	}
}

var sarifLevels = map[contract.Level]string{contract.Must: "error", contract.Should: "warning"}

func (c *Check) sarifResult(i int, j contract.Judgement, f contract.Finding, suppressed string) sarifResult {
	r := sarifResult{
		RuleID: j.ID, RuleIndex: i, Level: sarifLevels[j.Level], Message: sarifText{f.Text},
		Locations: []sarifLocation{{Logical: []sarifLogical{{c.subject(j.ID), "resource"}}}},
	}
	if file := c.place(f); file != "" {
		at := &sarifPhysical{Artifact: sarifArtifact{fileURI(file)}}
		if f.Line > 0 {
			at.Region = &sarifRegion{f.Line}
		}
		r.Locations = []sarifLocation{{Physical: at}}
	}
	sum := sha256.Sum256(fmt.Append(nil, j.ID, "\x00", f.Path, "\x00", f.Text)) // without the line, because lines move
	r.Fingerprints = map[string]string{"dockerflow/v1": hex.EncodeToString(sum[:16])}
	if suppressed != "" {
		r.Suppressions = []sarifSuppression{{"external", suppressed}}
	}
	return r
}

// fileURI returns a path as a URI. Relative paths stay relative, so that they work in any checkout.
func fileURI(name string) string {
	u := url.URL{Path: filepath.ToSlash(name)}
	if filepath.IsAbs(name) {
		u.Scheme = "file"
		if !strings.HasPrefix(u.Path, "/") {
			u.Path = "/" + u.Path // C:/
		}
	}
	return u.String()
}
