# dpgan: `make help` lists the targets. Tools are pinned in tools/go.mod, apart
# from the product.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

tool      := go tool -modfile=tools/go.mod
platforms := linux/arm64 darwin/arm64 windows/amd64
releases  := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64
# Stamps the version of the tag, or of the commit, into the binary; git may be absent.
stamp     := $(if $(shell git rev-parse -q --verify HEAD 2>/dev/null),true,false)
FUZZTIME  ?= 10s
BENCH     ?= .
PART      ?= 1/1

include cuda/cuda.mk

.PHONY: help build demo test mutate lint fmt check generate race fuzz cross tidy bench release

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build bin/dpgan: static, CPU only, no cgo
	CGO_ENABLED=0 go build -buildvcs=$(stamp) -o bin/dpgan ./cmd/dpgan

demo: build ## train on a simulated hospital table and sample 1,000 rows
	rm -rf demo
	bin/dpgan demo --out demo
	bin/dpgan train --config demo/medical.yaml --out demo/run
	bin/dpgan sample --model demo/run/model.safetensors --rows 1000 --out demo/synthetic.csv
	@echo "the private table: demo/medical.csv; the model: demo/run/model.safetensors; 1,000 synthetic rows: demo/synthetic.csv"

test: ## run all tests, then list the skipped ones with their reasons
	@go test -timeout 20m -v ./... 2>&1 | awk -f tools/gotest.awk

mutate: ## plant faults that tests must notice: PART=k/n a part of them, ONLY=pattern some
	go test -count=1 -v -timeout 60m -run '^TestFaultsAreCaught$$' ./internal/mutate -part '$(PART)' -only '$(ONLY)'

lint: ## run golangci-lint, whose import rules are the architecture
	$(tool) golangci-lint run ./...

fmt: ## format the Go files
	$(tool) golangci-lint fmt ./...

check: ## what CI runs besides the tests: format, generated code, vet, lint, race, fuzz, cross-compile, modules, kernels
	@unformatted=$$(gofmt -l .); \
	if [ -n "$$unformatted" ]; then echo "not formatted, run make fmt:"; echo "$$unformatted"; exit 1; fi
	$(MAKE) --no-print-directory generate && git diff --exit-code -- 'cpu/avx*'
	go vet ./...
	$(MAKE) --no-print-directory lint tidy cross race $(gpu_checks) fuzz

generate: ## write cpu's assembly anew, with avo
	for set in avx2 avx512; do \
		go run -modfile=tools/go.mod cpu/gen/*.go -set $$set -pkg cpu -out cpu/$${set}_amd64.s -stubs cpu/$${set}_amd64.go; \
	done

race: ## run the short tests of the concurrent packages under the race detector
	go test -timeout 20m -race -short ./cpu/... ./device/... ./dpsgd ./gan/...

fuzz: ## fuzz each target for FUZZTIME
	@grep -rl --include='*_test.go' '^func Fuzz' . | while read -r file; do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$$file"); do \
			echo "fuzz $$(dirname "$$file") $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s "$$(dirname "$$file")" </dev/null; \
		done; \
	done

cross: ## compile for the other platforms, without cgo
	@for platform in $(platforms); do \
		echo "build $$platform"; \
		CGO_ENABLED=0 GOOS=$${platform%/*} GOARCH=$${platform#*/} go build -buildvcs=false ./...; \
	done

tidy: ## check that go.mod is tidy and the module cache unaltered
	go mod tidy -diff
	go mod verify

bench: ## run the benchmarks into bin/bench.txt; BASE=old.txt compares with benchstat
	@mkdir -p bin
	go test -run '^$$' -bench '$(BENCH)' -count 6 -timeout 2h ./... | tee bin/bench.txt
	@if [ -n "$(BASE)" ]; then $(tool) benchstat "$(BASE)" bin/bench.txt; fi

release: ## write dist/: archives for five platforms, their modules, SHA256SUMS
	go run tools/release/*.go -out dist $(releases)
	cd dist && sha256sum -c SHA256SUMS
