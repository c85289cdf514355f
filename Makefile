.PHONY: quickstart test test-planner bench measure same-digest

# Builds Albatross and runs it on the built-in example.
quickstart:
	@scripts/quickstart.sh

# All tests, with all that they need: Go and Python bring the servers the first time.
test:
	@scripts/test.sh all

# The tests of those who work on the planner: no WebAssembly engine, no AWS SDK, no Kubernetes client.
test-planner:
	@scripts/test.sh planner

# Planning, native and through WebAssembly; builds in release.
bench:
	cargo bench --locked --package albatross-engine --bench planning

# What a running controller costs: calls to AWS, memory, delay. Takes 20 minutes, mostly waiting.
measure:
	@scripts/test-servers/moto.sh
	@scripts/test-servers/kubernetes.sh
	cargo test --locked --workspace --test measurements

# The components have the same bytes wherever they are built.
same-digest:
	@scripts/same-digest.sh
