# The commands of a working day.

# Formats the code.
fmt:
    cargo fmt

# Format, lints, documentation.
lint:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps

# All tests that need nothing but Rust.
test:
    cargo test

# The recorded cases of AWS, or those whose id contains FILTER.
conformance *FILTER:
    cargo test --test conformance -- {{FILTER}}

# Events through workflows on the embedded broker.
demo *ARGUMENTS:
    cargo run --release -- demo {{ARGUMENTS}}

# Times of ring 0 and of the engine.
bench *ARGUMENTS:
    cargo bench {{ARGUMENTS}}

# Crashes, rebalances and broker faults in virtual time, and the deliberate bugs that they must find.
simulate SEEDS="0..1000":
    STEPSTREAM_SEEDS={{SEEDS}} cargo test --release --test simulation
    cargo test --release --features mutants --test mutants

# Runs on the broker at BOOTSTRAP (with SASL_BOOTSTRAP, see the script's head); WORKLOAD is the folder of the bench workload.
e2e BOOTSTRAP SASL_BOOTSTRAP WORKLOAD EVENTS="200000":
    cargo build --release
    python3 tests/e2e/run.py target/release/stepstream {{BOOTSTRAP}} {{SASL_BOOTSTRAP}} {{WORKLOAD}} {{EVENTS}}

# Workflows that call Lambda functions (under `awslambdaric`, which PYTHON has) and an HTTP service.
services PYTHON="python3" PORT="18083":
    cargo build --release
    {{PYTHON}} tests/e2e/lambda.py target/release/stepstream {{PORT}}

# CPU and memory beside a bare passthrough, which STEPSTREAM_LIMIT names.
compare BOOTSTRAP WORKLOAD EVENTS="1000000":
    cargo build --release
    python3 benches/compare/run.py target/release/stepstream {{BOOTSTRAP}} {{WORKLOAD}} {{EVENTS}}

# The documentation, as it is published.
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps

# What is checked before a change is taken.
verify:
    bash .ci/run

# Looks for inputs that break what must hold (tests/fuzz/README.md).
fuzz TARGET SECONDS="60":
    cargo +nightly fuzz run --fuzz-dir tests/fuzz {{TARGET}} -- -max_total_time={{SECONDS}} -timeout=5 -print_final_stats=1

# Generated JSONata expressions beside the reference implementation (needs Node).
differential SEEDS="0..100000":
    npm install --silent --no-audit --no-fund --prefix target/jsonata jsonata@2.0.6
    STEPSTREAM_JSONATA_JS=target/jsonata STEPSTREAM_JSONATA_SEEDS={{SEEDS}} cargo test --test jsonata_differential

# Our JSONata beside hand-written Rust and other implementations (Node's is left out where npm fails).
peers:
    -npm install --silent --no-audit --no-fund --prefix target/jsonata jsonata@2.0.6
    STEPSTREAM_JSONATA_JS=target/jsonata CARGO_TARGET_DIR=target cargo run --release --manifest-path benches/peers/Cargo.toml
