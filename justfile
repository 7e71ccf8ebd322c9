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

# What events cost that no execution can be made of, on the broker at BOOTSTRAP.
poison BOOTSTRAP WORKLOAD EVENTS="200000":
    cargo build --release
    python3 tests/e2e/poison.py target/release/stepstream {{BOOTSTRAP}} {{WORKLOAD}} {{EVENTS}}

# Three brokers (KAFKA_SH starts them from PORT on) and several instances, killed all the time.
chaos KAFKA_SH PORT WORKLOAD SECONDS="180":
    cargo build --release
    python3 tests/e2e/chaos.py target/release/stepstream {{KAFKA_SH}} {{PORT}} {{WORKLOAD}} {{SECONDS}}

# Workflows that call Lambda functions (under `awslambdaric`, which PYTHON has) and an HTTP service.
services PYTHON="python3" PORT="18083":
    cargo build --release
    {{PYTHON}} tests/e2e/lambda.py target/release/stepstream {{PORT}}

# Tokens, signatures and certificates, asked by PYTHON, which has boto3 and the AWS CLI.
access PYTHON="python3":
    cargo build --release
    {{PYTHON}} tests/e2e/access.py target/release/stepstream

# Dependencies: duplicates, licences, sources. `cargo install cargo-deny` once.
deny:
    cargo deny --locked --log-level error check bans licenses sources

# Known weaknesses of the dependencies, from the database that cargo-deny fetches.
advisories:
    cargo deny --locked check advisories

# A bill of materials (CycloneDX JSON) of what the binary is built from. `cargo install cargo-cyclonedx` once.
sbom:
    cargo cyclonedx --format json --spec-version 1.5 --override-filename stepstream.cdx
    mkdir -p target && mv stepstream.cdx.json target/

# The documentation, as it is published.
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps

# What is checked before a change is taken.
verify:
    bash .ci/run

# Looks for inputs that break what must hold (tests/fuzz/README.md).
fuzz TARGET SECONDS="60":
    cargo +nightly fuzz run --fuzz-dir tests/fuzz {{TARGET}} -- -max_total_time={{SECONDS}} -timeout=5 -print_final_stats=1

# All targets in turn, and a table of what they ran; the options are those of cargo fuzz.
fuzz-all SECONDS="120" *OPTIONS:
    tests/fuzz/all {{SECONDS}} {{OPTIONS}}

# Generated JSONata expressions beside the reference implementation (needs Node).
differential SEEDS="0..100000":
    npm install --silent --no-audit --no-fund --prefix target/jsonata jsonata@2.0.6
    STEPSTREAM_JSONATA_JS=target/jsonata STEPSTREAM_JSONATA_SEEDS={{SEEDS}} cargo test --test jsonata_differential

# Our JSONata beside hand-written Rust and other implementations (Node's is left out where npm fails).
engines:
    -npm install --silent --no-audit --no-fund --prefix target/jsonata jsonata@2.0.6
    STEPSTREAM_JSONATA_JS=target/jsonata CARGO_TARGET_DIR=target cargo run --release --manifest-path benches/engines/Cargo.toml

# Our variants, the bare limit and other stream processors on one broker, in turn (benches/peers/README.md).
peers *ARGUMENTS:
    cargo build --release
    benches/peers/run {{ARGUMENTS}}
