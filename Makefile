.PHONY: quickstart test test-planner bench bench-replay measure same-digest book

# Builds Albatross and runs it on the built-in example.
quickstart:
	@scripts/quickstart.sh

# Runs all tests. The first run builds or installs the test servers, with Go and Python.
test:
	@scripts/test.sh all

# Runs the tests of the planner and of the crates around it: no WebAssembly engine, no AWS SDK, no Kubernetes client.
test-planner:
	@scripts/test.sh planner

# Measures planning, natively and in WebAssembly, in a release build.
bench:
	cargo bench --locked --package albatross-engine --bench planning

# Records 10,000 passes and replays them: size on disk, passes a second, memory. Takes 20 minutes.
bench-replay:
	cargo build --locked --release --package albatross --no-default-features
	cargo bench --locked --package albatross-engine --bench history

# Measures a running controller: AWS API calls, memory, delay. Takes 40 minutes, mostly waiting. PART=calls, PART=routes or
# PART=scale measures only that part.
measure:
	@scripts/test-servers/moto.sh
	@scripts/test-servers/kubernetes.sh
	cargo test --locked --workspace --test measurements -- $(PART)

# Checks that the components have the same bytes wherever they are built.
same-digest:
	@scripts/same-digest.sh

# Builds the documentation site, runs the examples on its pages, and checks its links. Prints where the site is.
book:
	@cargo build --locked
	@scripts/test-servers/helm.sh
	@scripts/book.sh
