# make          builds fleet
# make install  installs it for the user: see PREFIX
# make test     runs all tests
# make check    runs what CI runs

GO ?= go
TOOL = $(GO) tool -modfile=internal/tools/go.mod

.PHONY: all build install test slow check format vet lint dead generate race examples fuzz mutate picture picture-page bench bench-upload bench-context bench-scale bench-daily operator-test operator-check clean

all: build

# The commit is passed to the linker, since GOFLAGS=-buildvcs=false omits it otherwise. Git
# looks for a repository in the parents of a directory, which may be one of another project.
STAMP = $(shell test -e .git && git log -1 --format='-X fleet/internal/cli.commit=%H -X fleet/internal/cli.date=%cI' 2>/dev/null)
BIN = bin/fleet
build:
	$(GO) build -ldflags "$(STAMP)" -o $(BIN) .

# fleet and its completions, in the places below PREFIX in which shells look for them:
# make install PREFIX=/usr/local
# DESTDIR is for those who make packages.
PREFIX ?= $(HOME)/.local
INSTALLED = $(DESTDIR)$(PREFIX)
install: build
	@set -e; umask 022; \
	bash="$(INSTALLED)/share/bash-completion/completions" zsh="$(INSTALLED)/share/zsh/site-functions" fish="$(INSTALLED)/share/fish/vendor_completions.d"; \
	mkdir -p "$(INSTALLED)/bin" "$$bash" "$$zsh" "$$fish"; \
	install -m 755 $(BIN) "$(INSTALLED)/bin/fleet"; \
	$(BIN) completion bash > "$$bash/fleet"; \
	$(BIN) completion zsh > "$$zsh/_fleet"; \
	$(BIN) completion fish > "$$fish/fleet.fish"; \
	printf '%s\n' "$(INSTALLED)/bin/fleet" "$$bash/fleet" "$$zsh/_fleet" "$$fish/fleet.fish"; \
	case ":$$PATH:" in *":$(PREFIX)/bin:"*) ;; *) echo 'Not in your PATH: $(PREFIX)/bin' >&2 ;; esac

# make vet finds more than go test does by itself.
test:
	$(GO) test -vet=off -timeout 20m ./...

# The ten slowest tests.
slow:
	@$(GO) test -timeout 20m -json ./... | $(TOOL) gotestsum tool slowest --num 10

check: format vet lint dead generate race examples operator-check

format:
	@out=$$($(TOOL) gofumpt -l .); test -z "$$out" || { echo "not formatted:"; echo "$$out"; exit 1; }

vet:
	$(GO) vet ./...

lint:
	$(TOOL) golangci-lint run ./...

# Code that no program reaches is deleted, or listed with the reason.
UNREACHED = internal/tools/deadcode.txt
dead:
	@dead=$$($(TOOL) deadcode -f '{{$$p := .Path}}{{range .Funcs}}{{printf "%s.%s\n" $$p .Name}}{{end}}' ./...) || exit 1; \
	new=$$(echo "$$dead" | grep -vxF -f $(UNREACHED)); \
	old=$$(grep '^[^#]' $(UNREACHED) | grep -vxF "$$dead"); \
	test -z "$$new" || { echo "no program reaches:"; echo "$$new"; }; \
	test -z "$$old" || { echo "$(UNREACHED) lists what is gone or reached:"; echo "$$old"; }; \
	test -z "$$new$$old"

# What is generated is committed: a difference means that it is out of date.
generate:
	$(GO) generate ./...
	@test ! -d .git || git diff --exit-code -- docs/spec.md docs/schema docs/architecture.md

# Packages without goroutines have nothing to race: make test runs their tests. The page of
# a watch runs in a browser, which the race detector only slows down.
PURE = /(spec|plan|internal/(decode|diagnostic|dockerfile|doctor|docgen|dotenv|export|expr|format|gc|image|imagefiles|imageref|jsonobject|jsonschema|mutate|picture|redact|secretname|snapshotversion|specdoc|specfile|suggest|watch/page|watch/page/stored|watch/policy|words|yamldoc))$$

# Neither a killed program nor Node nor the compiler reports a race. The others count requests and
# bytes of large runs, or pass many values through code without goroutines.
UNRACED = ^(TestMonth|TestKilled|TestNothingAcknowledgedIsLost|TestDocumentedCommands|TestUploadsOfSDK|TestTypeScriptSDK|TestActionBuilds|TestShells|TestCost|TestMakespan.*|TestLongestRequest|TestEveryFieldMutated|Test.*HostilePlans)$$

# make test makes all the checks of rapid, and make vet finds more than go test does by itself.
# Without the setting, the race detector waits a second at the end of each package.
race:
	RAPID_CHECKS=15 GORACE=atexit_sleep_ms=10 $(GO) test -race -vet=off -timeout 20m -skip '$(UNRACED)' $$($(GO) list ./... | grep -Ev '$(PURE)')

# Each example as a user would run it, twice, with the built binary.
examples: build
	@set -e; state=$$(mktemp -d); trap 'rm -rf "$$state"' EXIT; \
	for f in examples/*.yaml; do \
		echo "== $$f"; \
		XDG_STATE_HOME="$$state" bin/fleet apply --local --yes -f "$$f" >/dev/null 2>&1; \
		XDG_STATE_HOME="$$state" bin/fleet plan --local --detailed-exitcode -f "$$f" 2>/dev/null; \
	done

# Every fuzz target for a while, and plans of random fleets in random worlds:
# make fuzz FUZZTIME=10m CHECKS=1000000
FUZZTIME ?= 30s
CHECKS ?= 10000
fuzz:
	$(GO) test -run 'Plan|Model|Lag' ./plan -timeout 0 -rapid.checks $(CHECKS)
	@set -e; for p in $$($(GO) list ./...); do \
		for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz' || true); do \
			$(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x $$p; \
		done; \
	done

# Whether the tests hold the safety bounds that CONTRIBUTING.md lists:
# make mutate ONLY=plan/blast_radius.go
mutate:
	$(GO) run ./internal/mutate $(ONLY)

# The pictures of the README, from real runs. A test compares that of a plan.
picture: build
	@state=$$(mktemp -d); trap 'rm -rf "$$state"' EXIT; \
	{ echo '$$ fleet apply --local --yes -f examples/research.yaml'; \
	XDG_STATE_HOME="$$state" CLICOLOR_FORCE=1 bin/fleet apply --local --yes -f examples/research.yaml 2>&1 | sed '/^Using/d'; \
	echo; echo '$$ fleet apply --local --yes -f examples/research.yaml'; \
	XDG_STATE_HOME="$$state" CLICOLOR_FORCE=1 bin/fleet apply --local --yes -f examples/research.yaml 2>/dev/null; } \
	| $(GO) run ./internal/picture > docs/apply.svg
	UPDATE=1 $(GO) test -count=1 ./internal/picture

# The picture of the page of a watch, with Chromium. FLEET_PICTURES takes others, too:
# FLEET_PICTURES=/tmp go test -run TestPictures ./internal/watch/page
picture-page:
	@dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; \
	FLEET_NEEDS=chromium FLEET_PICTURES="$$dir" $(GO) test -count=1 -run 'TestPictures/^watch$$' ./internal/watch/page; \
	cp "$$dir/watch.png" docs/watch.png

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./spec ./plan ./apply ./internal/render ./internal/buildcontext

# An upload of 200 MB by the client, beside one by curl: its rate should be at least 0.8 of
# that of curl, in less than 64 MB of memory.
bench-upload: build
	$(GO) run ./internal/benchupload -fleet bin/fleet

# Time and memory of a build context of 50,000 files and 1 GB, compared with tar and find.
bench-context: build
	$(GO) run ./internal/buildcontext/measure -fleet bin/fleet

# Time, memory and requests of fleets of up to 100,000 sandboxes, compared with an older
# build and with the least that a program can do:
# make bench-scale ROWS=plan-5000,plan-20000 RUNS=1
ROWS ?=
RUNS ?= 5
bench-scale:
	$(GO) run ./internal/benchscale -rows '$(ROWS)' -runs $(RUNS)

# The operator is a module of its own: operator/Makefile has more targets.
operator-test:
	$(MAKE) -C operator test

operator-check:
	$(MAKE) -C operator vet format

# Status, selectors, destroy, gc, drift and completion of 500 sandboxes, compared with the
# plan without changes.
bench-daily:
	$(GO) run ./internal/benchscale -rows daily -runs $(RUNS)

clean:
	rm -rf bin
