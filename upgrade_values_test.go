package main

// randomFrame is part of every random spec. Examples of attributes refer to it.
const randomFrame = `
version: 1
name: random
volumes: {cache: null, data: {name: the-data}}
snapshots: {base: {image: py, adopt: true}}
sandboxes: {main: null}
templates:
  sandboxes: {small: {auto_stop_interval: 20}}
  snapshots: {small: {image: "alpine:3.20"}}
  volumes: {small: {timeout: 5m}}
`

// randomFiles are the files that random specs read. Builds may treat line ends
// and byte order marks differently.
var randomFiles = map[string]string{
	"lf.txt":          "one\ntwo\n",
	"crlf.txt":        "one\r\ntwo\r\n",
	"mark.txt":        "\ufeffone\ntwo",
	"Dockerfile":      "FROM debian:12\nRUN echo one \\\n  two\n",
	"crlf.dockerfile": "FROM debian:12\r\nRUN echo one \\\r\n  two\r\n",
	"mark.dockerfile": "\ufeff# syntax=docker/dockerfile:1\nFROM debian:12\nENV A=1",
}

// randomImages are values for the image py of a random spec.
var randomImages = []string{
	`{base: "debian:12"}`,
	`{debian_slim: "3.12", steps: [{pip_install: [numpy, "scipy<2"]}, {run_commands: ["echo 'a  b' > /a", "true && \\\n  false"]}]}`,
	`{dockerfile: "FROM debian:12\nRUN true\n"}`,
	`{dockerfile: "FROM debian:12\r\nRUN true"}`,
	`{dockerfile: {from_file: Dockerfile}}`,
	`{dockerfile: {from_file: crlf.dockerfile}, steps: [{env: {B: "2", A: "1"}}]}`,
	`{dockerfile: {from_file: mark.dockerfile}}`,
}

// otherValues are values of attributes that differ from those of their examples.
var otherValues = map[string][]string{
	"snapshot":              {"snapshot: base", "snapshot: daytona-medium"},
	"image":                 {"image: py", "image: py", "image: py", "image: ghcr.io/a/b@sha256:" + sha},
	"env_vars":              {`env_vars: {A: "é\r\n\t", B: "", C: 1, D: 1.50}`, "env_vars: {A: {from_file: lf.txt}}", "env_vars: {A: {from_file: crlf.txt}}", "env_vars: {A: {from_file: mark.txt}, B: '$${A}'}", "env_vars: {}"},
	"labels":                {`labels: {"odd, key=": "x=1,y", n: 7}`, "labels: {}"},
	"volumes":               {"volumes: [{volume: data, mount_path: /b/}, {volume: cache, mount_path: /a, subpath: x/y}]", "volumes: []"},
	"secrets":               {"secrets: {B: token, A: api-token}", "secrets: {}"},
	"network_allow_list":    {"network_allow_list: [192.168.0.0/16, 10.0.0.0/8]", "network_allow_list: [10.1.2.3/8, 10.1.2.3/32]", "network_allow_list: []"},
	"domain_allow_list":     {"domain_allow_list: [b.org, a.org]", "domain_allow_list: [Example.COM]", "domain_allow_list: []"},
	"outbound_proxy_url":    {"outbound_proxy_url: http://user:password@proxy:3128/"},
	"auto_archive_interval": {"auto_archive_interval: 0", "auto_archive_interval: 99999"},
	"auto_stop_interval":    {"auto_stop_interval: 0"},
	"auto_delete_interval":  {"auto_delete_interval: -1", "auto_delete_interval: 0"},
	"public":                {"public: false"},
	"network_block_all":     {"network_block_all: false"},
	"ephemeral":             {"ephemeral: false"},
	"state":                 {"state: started", "state: archived"},
	"ttl_minutes":           {"ttl_minutes: 0"},
	"target":                {"target: eu"},
	"os_user":               {"os_user: daytona"},
	"language":              {"language: typescript"},
	"ignore":                {"ignore: [labels, env_vars.A, resources]", "ignore: [image, snapshot, env_vars]"},
	"on_remove":             {"on_remove: delete", "on_remove: stop", "on_remove: release"},
	"entrypoint":            {`{entrypoint: ["sh", "-c", "echo \"a b\" && sleep 1"], image: "debian:12"}`, "{entrypoint: [sleep, infinity], image: py}"},
	"for_each":              {"for_each: {a: 1, b: two}", "for_each: []"},
	"resources.cpu":         {"{resources: {cpu: 1, memory: 3}, image: py}"},
	"resources.disk":        {"{resources: {disk: 3}, image: py}"},
}

const sha = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// notDrawn are attributes that random specs do not have, each with the reason.
var notDrawn = map[string]string{
	"enabled":             "one of two examples leaves the resource out",
	"ready.for":           "its example lasts 10 seconds",
	"ready.log":           "no sandbox of the emulator logs such a line",
	"rollout.pause":       "its example lasts minutes",
	"kvm":                 "the emulator drops it",
	"queue_timeout":       "the emulator drops it",
	"auto_pause_interval": "the emulator pauses nothing that specs can make",
}
