.PHONY: quickstart test test-planner bench bench-replay measure soak same-digest book e2e-aws release

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

# Measures a running controller: AWS API calls, memory, delay, failover. Takes 90 minutes, mostly waiting. PART=calls, PART=routes,
# PART=scale, PART=latency, PART=failover or PART=webhook measures only that part.
measure:
	@scripts/test-servers/moto.sh
	@scripts/test-servers/kubernetes.sh
	cargo test --locked --workspace --test measurements -- $(PART)

# Runs two replicas and an external-dns for two hours, or for SECONDS, with random changes, faults of AWS and deaths of leaders. The
# tests do the same for a minute, without external-dns.
SECONDS = 7200
soak:
	@scripts/test-servers/moto.sh
	@scripts/test-servers/kubernetes.sh
	@scripts/test-servers/external-dns.sh
	ALBATROSS_SOAK=$(SECONDS) cargo test --locked --workspace --test live -- --nocapture soak

# Checks that the components have the same bytes wherever they are built.
same-digest:
	@scripts/same-digest.sh

# Runs the main scenarios of both modes on your own AWS account, and deletes everything at the end: docs/e2e-aws.md. It says first
# what it will cost, and asks. ARGS="--clean" deletes what runs left that were killed. Never part of CI.
e2e-aws:
	cargo build --locked
	@python3 scripts/e2e-aws $(ARGS)

# Builds a release for Linux on amd64 and arm64 into target/release-VERSION: see docs/releasing.md. PLATFORMS=amd64 builds only that
# platform.
release:
	@scripts/release.sh

# Builds the documentation site, runs the examples on its pages, and checks its links. Prints where the site is.
book:
	@cargo build --locked
	@scripts/test-servers/helm.sh
	@scripts/book.sh
