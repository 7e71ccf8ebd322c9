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

# What is checked before a change is taken.
verify:
    bash .ci/run
