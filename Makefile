PORT ?= 8080
DIR ?= .run
ORG ?= second_org
PLAN ?= enterprise
NAME ?=
SCALE ?=
ROWS ?=
export PATH := $(PATH):/opt/swift/usr/bin
export EBON_FUZZ_SECONDS ?= 30

stack = deploy/local/stack
started = --dir $(DIR) --port $(PORT) $(SCALE:%=--scale %)

.DEFAULT_GOAL := help
.PHONY: help run up down status logs test lint format bench demo-org events stripe-demo release prerequisites

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 14
	@echo
	@echo '  PORT=8080 moves the edge, DIR=.run the data, SCALE="gateway=2" adds replicas, NAME=gateway picks a log.'

run: release ## build, start everything, follow the logs; Ctrl-C stops all
	@$(stack) run $(started)

up: release ## the same in the background
	@$(stack) up $(started)

down: ## stop everything
	@$(stack) down --dir $(DIR)

status: ## a line per process
	@$(stack) status --dir $(DIR)

logs: ## follow the logs, or one of them: NAME=gateway
	@$(stack) logs --dir $(DIR) $(NAME)

test: prerequisites ## build and run every test against real PostgreSQL and Redis
	@deploy/local/test

lint: prerequisites ## check the format, the import law and the house rules
	@deploy/local/lint

format: prerequisites ## format all Swift code in place
	@swift format --in-place --parallel --recursive Package.swift Shared Services Tests

bench: release ## measure throughput, latencies and memory beside nginx and Redis
	@deploy/local/prerequisites --bench
	@deploy/local/bench $(ROWS)

demo-org: ## one more organization in the running stack: ORG=second_org PLAN=enterprise
	@$(stack) demo-org --dir $(DIR) --plan $(PLAN) $(ORG)

events: ## print what happens in the demo organization, as it happens
	@deploy/local/events $(DIR)/demo.env

stripe-demo: ## play a subscription's life to the running stack, as Stripe would tell it
	@deploy/local/stripe-demo --dir $(DIR)

release: prerequisites
	@swift build -c release

prerequisites:
	@deploy/local/prerequisites
