package spec

import (
	"fmt"
	"testing"
)

func TestSmoke(t *testing.T) {
	f, err := Parse(Source{"fleet.yaml", []byte(`
version: 1
name: demo
target: us
defaults:
  sandboxes: {auto_stop_interval: 30, env_vars: {A: "1"}}
volumes: {cache: {}}
images:
  py: {debian_slim: "3.12", steps: [{pip_install: [numpy, "a>1"]}, {run_commands: ["echo hi", [bash, -c, 'echo "x"']]}, {env: {A: b c}}, {workdir: /app}, {cmd: [a, b]}]}
snapshots:
  base: {image: py, resources: {cpu: 2, memory: 4}, entrypoint: [sleep, infinity]}
sandboxes:
  worker: {count: 2, snapshot: base, volumes: [{volume: cache, mount_path: /data}], env_vars: {B: 2}, labels: {team: x}, network_allow_list: ["10.0.0.0/8"]}
  tail: {linked_sandbox: "worker[0]", snapshot: base, ephemeral: true}
`)})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range f.Resources {
		fmt.Println(r.Address, r.Name(), r.Needs, r.Uses, r.CreateBody(Facts{}), r.Labels("demo", nil))
	}
	_, err = Parse(Source{"fleet.yaml", []byte(`
version: 2
nam: demo
defaults:
  sandboxes: {name: x}
sandboxes:
  worker:
    cont: 2
    snapshot: base
    image: py
    resources: {cpu: 2.5, memory: 4GB}
    auto_stop_interval: 1h
    public: yes
    network_allow_list: [10.0.0.0/8, 1.2.3.4]
    language: phyton
    labels: {fleet-x: 1}
    volumes: [{volume: cache, mount_path: /etc/x}]
  tail: {linked_sandbox: "worker", snapshot: base}
  tail: {}
`)})
	fmt.Println(err)
}
