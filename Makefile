# `make help` lists what can be made. Nothing is needed but Go and the usual
# shell tools; other tools are built into bin/ from versions pinned in hack/tools.

SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# No C compiler is needed anywhere, and one setting for everything lets builds
# and tests share Go's build cache.
export CGO_ENABLED := 0

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
IMG ?= checkpoint-health:$(VERSION)
KUBECTL ?= kubectl
FUZZTIME ?= 30s
# Arguments for go test, such as TESTFLAGS='-run TestStory ./controllers/'.
TESTFLAGS ?= ./...

BIN := $(CURDIR)/bin
CONTROLLER_GEN := $(BIN)/controller-gen
CRD_REF_DOCS := $(BIN)/crd-ref-docs
GOLANGCI_LINT := $(BIN)/golangci-lint
KUSTOMIZE := $(BIN)/kustomize
BENCHSTAT := $(BIN)/benchstat
TOXIPROXY := $(BIN)/toxiproxy-server

# Every generated path; `make verify` holds them current.
GENERATED := api/v1alpha1/zz_generated.deepcopy.go config/crd/bases config/rbac/role.yaml docs/spec
KINDS := CheckpointHealth RemediationPolicy

##@ General

.PHONY: help
help: ## Show this list.
	@awk 'BEGIN { FS = ":.*## "; print "usage: make TARGET" } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: clean
clean: ## Remove what was built here; caches of the user stay.
	rm -rf bin dist

##@ Development

.PHONY: generate
generate: manifests docs ## Generate all: deep copies, CRDs, RBAC role, API pages.
	$(MAKE) --no-print-directory deepcopy

.PHONY: deepcopy
deepcopy: $(CONTROLLER_GEN) ## Generate the deep copies of api/.
	$(CONTROLLER_GEN) object paths=./api/...

.PHONY: manifests
manifests: $(CONTROLLER_GEN) ## Generate the CRDs and the manager's RBAC role.
	$(CONTROLLER_GEN) crd paths=./api/... output:crd:artifacts:config=config/crd/bases
	$(CONTROLLER_GEN) rbac:roleName=checkpoint-health-manager paths=./controllers/... output:rbac:artifacts:config=config/rbac

.PHONY: docs
docs: $(CRD_REF_DOCS) ## Generate docs/spec, a page for each kind.
	@mkdir -p docs/spec
	$(call crd_docs,docs/spec)

# crd_docs writes the page of each kind into a directory.
crd_docs = for kind in $(KINDS); do \
	  $(CRD_REF_DOCS) --source-path=api --config=hack/crd-docs/config.yaml --templates-dir=hack/crd-docs/templates \
	    --renderer=markdown --template-value=kind=$$kind --max-depth=20 --log-level=ERROR \
	    --output-path=$(1)/$$(tr A-Z a-z <<<$$kind).md; \
	done

# The same generators, writing below $(OUT) instead of into the checkout.
.PHONY: generated-files
generated-files: $(CONTROLLER_GEN) $(CRD_REF_DOCS)
	@mkdir -p $(OUT)/api/v1alpha1 $(OUT)/docs/spec
	@$(CONTROLLER_GEN) object paths=./api/... output:object:dir=$(OUT)/api/v1alpha1
	@$(CONTROLLER_GEN) crd paths=./api/... output:crd:artifacts:config=$(OUT)/config/crd/bases
	@$(CONTROLLER_GEN) rbac:roleName=checkpoint-health-manager paths=./controllers/... output:rbac:artifacts:config=$(OUT)/config/rbac
	@$(call crd_docs,$(OUT)/docs/spec)

.PHONY: fmt
fmt: ## Format all Go code.
	gofmt -s -w $(GO_DIRS)

.PHONY: vet
vet: ## Run go vet.
	go vet ./...

# Directories with our Go code; gofmt, unlike go, would also look elsewhere.
GO_DIRS := $(wildcard main.go api controllers hack)

##@ Checks

.PHONY: test
test: ## Run all tests; the first time this may build etcd and kube-apiserver.
	@echo "test: compiling the project"
	@hack/go-build.sh "test: compiling" ./...
	@assets=$$(go run ./hack/controlplane/cmd/controlplane assets); \
	echo "test: etcd and kube-apiserver are in $$assets"; \
	echo "test: go test $(TESTFLAGS) (each package reports when it is done)"; \
	KUBEBUILDER_ASSETS="$$assets" go test -timeout 10m $(TESTFLAGS)

.PHONY: lint
lint: $(GOLANGCI_LINT) ## Lint all Go code, kube-api-linter on api/ included.
	@if grep -rnE '//[[:space:]]*(nolint|lint:ignore|#nosec)' --include='*.go' $(GO_DIRS); then \
	  echo "lint: the rules hold without exception; change the code above"; exit 1; fi
	$(GOLANGCI_LINT) run ./...
	cd hack/tools && $(GOLANGCI_LINT) run --config $(CURDIR)/.golangci.yml ./...

.PHONY: verify
verify: verify-generated verify-modules verify-format verify-scripts verify-layering verify-sizes ## Check generated files, go.mod, formatting, scripts, the import graph and that no binary is committed.

.PHONY: verify-generated
verify-generated: $(CONTROLLER_GEN) $(CRD_REF_DOCS) $(KUSTOMIZE)
	@echo "verify: generated files"
	@GENERATED="$(GENERATED)" hack/verify-generated.sh
	@echo "verify: kustomizations"
	@KUSTOMIZE=$(KUSTOMIZE) hack/verify-overlays.sh $(OVERLAYS)
	@KUSTOMIZE=$(KUSTOMIZE) hack/verify-deploy.sh

.PHONY: verify-modules
verify-modules:
	@for dir in $(MODULES); do echo "verify: $$dir/go.mod is tidy"; go -C $$dir mod tidy -diff; done

.PHONY: verify-format
verify-format:
	@echo "verify: formatting"
	@unformatted=$$(gofmt -s -l $(GO_DIRS)); \
	if [ -n "$$unformatted" ]; then echo "not formatted, run make fmt:"; echo "$$unformatted"; exit 1; fi

SCRIPTS := $(wildcard .ci/run hack/*.sh hack/lab/*.sh hack/lab/steps/*.sh hack/lab/flink/*.sh hack/lab/flinkoperator/*.sh)

.PHONY: verify-scripts
verify-scripts:
	@echo "verify: shell scripts"
	@for script in $(SCRIPTS); do bash -n $$script; done
	@if command -v shellcheck >/dev/null; then shellcheck -x -P SCRIPTDIR $(SCRIPTS); fi

.PHONY: verify-layering
verify-layering:
	@echo "verify: import graph"
	@go test -count=1 -run '^TestLayering' ./controllers

# The largest recording has some 200 KiB; what is larger than a MiB is a binary that somebody built.
.PHONY: verify-sizes
verify-sizes:
	@echo "verify: sizes of committed files"
	@large=$$(git ls-tree -r -l HEAD | awk '$$4 > 1048576 { print $$5 " has " $$4 " bytes" }'); \
	if [ -n "$$large" ]; then echo "larger than 1 MiB, git rm them:"; echo "$$large"; exit 1; fi

# Every Go module of this repository, and every kustomization a user may build.
MODULES := . hack/tools hack/controlplane/kube
OVERLAYS := config/crd config/default config/namespaced config/standalone config/standalone-namespaced config/endpoint-secrets config/endpoint-secrets-namespaced config/network-policy config/network-policy-namespaced config/prometheus config/prometheus-namespaced config/samples config/network-probe config/network-probe-namespaced config/pod-logs config/pod-logs-namespaced

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME (default 30s).
	hack/fuzz.sh $(FUZZTIME)

.PHONY: bench
bench: ## Measure the cost of a pass, a poll and a thousand jobs.
	@hack/go-build.sh "bench: compiling" -o /dev/null ./hack/bench
	@go run ./hack/bench

.PHONY: evidence
evidence: ## Score the diagnosis by the recordings and write docs/evidence.md (ACCEPT_WORSE=1 though a figure got worse).
	@hack/go-build.sh "evidence: compiling" -o /dev/null ./hack/evidence
	@go run ./hack/evidence score $(if $(filter 1,$(ACCEPT_WORSE)),--accept-worse)

##@ Demo

.PHONY: demo
demo: ## Show the whole loop on an embedded control plane with simulated jobs (KEEP=1 keeps it to look at, until Ctrl-C).
	@hack/go-build.sh "demo: compiling" -o /dev/null ./hack/demo
	@go run ./hack/demo$(if $(filter 1,$(KEEP)), --keep)

# 1 keeps the demo's API server, jobs and manager up at the end.
KEEP ?=

.PHONY: demo-flink
demo-flink: ## The same on real Flink processes (needs Java).
	@hack/go-build.sh "demo-flink: compiling" -o /dev/null ./hack/demo-flink
	@go run ./hack/demo-flink

##@ Evidence

# Arguments for the recorder, such as RECORDFLAGS='--split tuning --only slow-storage --jobs 2'.
RECORDFLAGS ?=

.PHONY: lab-flink
lab-flink: $(TOXIPROXY) ## Make every fault on real Flink and record it (needs Java and Python's pip; resumes).
	@hack/go-build.sh "lab-flink: compiling" -o /dev/null ./hack/evidence
	@go run ./hack/evidence record $(RECORDFLAGS)

##@ A real cluster (root on Linux, or Docker with kind; docs/lab.md)

.PHONY: lab
lab: ## Bring up Kubernetes, the Flink operator and this operator on this machine.
	@hack/lab/lab.sh up

.PHONY: lab-test
lab-test: ## Tell the stories on the lab; STORIES='--only slow' picks some.
	@hack/go-build.sh "lab-test: compiling" -o /dev/null ./hack/lab/stories
	@hack/lab/lab.sh stories $(STORIES)

.PHONY: lab-down
lab-down: ## Stop the lab; with PURGE=1, remove its files too.
	@hack/lab/lab.sh down $(if $(PURGE),--purge)

##@ Build

LDFLAGS := -s -w -X main.version=$(VERSION)

.PHONY: build
build: ## Build bin/checkpoint-health.
	@hack/go-build.sh "build" -ldflags "$(LDFLAGS)" -o $(BIN)/checkpoint-health .

.PHONY: plugin
plugin: build ## Link bin/checkpoint-health as the kubectl plugin into PLUGIN_DIR (default ~/.local/bin).
	@hack/link-plugin.sh $(BIN)/checkpoint-health '$(PLUGIN_DIR)'

# A directory of the PATH, where kubectl looks for plugins.
PLUGIN_DIR ?= $(HOME)/.local/bin

.PHONY: run
run: ## Run the manager here, against the cluster of the current kubeconfig.
	go run -ldflags "$(LDFLAGS)" . manager --leader-elect=false --metrics-bind-address=0

.PHONY: docker-build
docker-build: ## Build the container image IMG.
	docker build --build-arg VERSION=$(VERSION) -t $(IMG) .

.PHONY: build-installer
build-installer: $(KUSTOMIZE) ## Write dist/install.yaml: CRDs, RBAC and manager with image IMG; see deploy.
	@KUSTOMIZE=$(KUSTOMIZE) hack/build-installer.sh dist/install.yaml '$(OVERLAY)' '$(IMG)' '$(NAMESPACE)'
	@echo "dist/install.yaml: $(OVERLAY) with image $(IMG)$(if $(NAMESPACE), in namespace $(NAMESPACE))"

# What deploy deploys: config/default, config/namespaced or others of config/, with
# those that go beside them, such as OVERLAY='config/default config/prometheus'.
OVERLAY ?= config/default
# Where: checkpoint-health-system, which is made and removed, if nothing is said; else a namespace that exists, which stays as it is.
NAMESPACE ?=

##@ Deployment (uses kubectl and the current kubeconfig)

.PHONY: install
install: $(KUSTOMIZE) ## Install the CRDs.
	$(KUSTOMIZE) build config/crd | $(KUBECTL) apply --server-side -f -
	@$(established)

# The API server serves a kind some seconds after its CRD was taken.
established = $(KUBECTL) wait --for=condition=Established --timeout=60s $(patsubst %,crd/%.flink.checkpointhealth.dev,checkpointhealths remediationpolicies)

.PHONY: uninstall
uninstall: $(KUSTOMIZE) ## Remove the CRDs and with them every CheckpointHealth.
	$(KUSTOMIZE) build config/crd | $(KUBECTL) delete --ignore-not-found -f -

# A cluster pulls what somebody pushed; the default of IMG is only what a build here would be called.
no_image = echo "IMG is not given, and no cluster has $(IMG): push an image, and deploy with IMG=registry.example/checkpoint-health:v0.1.0" >&2; exit 1

.PHONY: deploy
deploy: build-installer ## Deploy CRDs, RBAC and manager with image IMG (for one namespace: OVERLAY=config/namespaced NAMESPACE=yours).
	@$(if $(filter file,$(origin IMG)),$(no_image))
	@KUBECTL='$(KUBECTL)' hack/check-install.sh dist/install.yaml
	$(KUBECTL) apply --server-side -f dist/install.yaml
	@$(established)

# 1 leaves the CRDs and every CheckpointHealth, 0 removes them; nothing leaves them while others use them.
KEEP_CRDS ?=

.PHONY: undeploy
undeploy: build-installer ## Remove what deploy created, and the CRDs where nobody else uses them (KEEP_CRDS=1 leaves them, 0 removes them).
	@KUBECTL='$(KUBECTL)' KEEP_CRDS='$(KEEP_CRDS)' hack/undeploy.sh dist/install.yaml

# Tools: rebuilt only when their pinned versions change.
TOOLS_MODULE := hack/tools/go.mod hack/tools/go.sum

$(GOLANGCI_LINT): $(TOOLS_MODULE) hack/tools/golangci-lint/main.go
	@$(call tool,./golangci-lint)

$(CONTROLLER_GEN): $(TOOLS_MODULE)
	@$(call tool,sigs.k8s.io/controller-tools/cmd/controller-gen)

$(CRD_REF_DOCS): $(TOOLS_MODULE)
	@$(call tool,github.com/elastic/crd-ref-docs)

$(KUSTOMIZE): $(TOOLS_MODULE)
	@$(call tool,sigs.k8s.io/kustomize/kustomize/v5)

$(BENCHSTAT): $(TOOLS_MODULE)
	@$(call tool,golang.org/x/perf/cmd/benchstat)

$(TOXIPROXY): $(TOOLS_MODULE)
	@$(call tool,github.com/Shopify/toxiproxy/v2/cmd/server)

# The same by the path that one types: make bin/kustomize.
$(patsubst $(CURDIR)/%,%,$(GOLANGCI_LINT) $(CONTROLLER_GEN) $(CRD_REF_DOCS) $(KUSTOMIZE) $(BENCHSTAT) $(TOXIPROXY)): bin/%: $(BIN)/%
	@:

# tool builds a package of hack/tools as the rule's target.
tool = cd hack/tools && $(CURDIR)/hack/go-build.sh "tools: $(notdir $@)" -ldflags '-s -w' -o $@ $(1) && touch $@
