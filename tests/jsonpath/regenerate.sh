#!/bin/sh
# Writes golden.jsonl anew; needs Java 11 or later and Maven. Class files and libraries go to a temporary folder.
set -eu
cd "$(dirname "$0")"
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

for version in 2.0.0 2.10.0; do
    mvn -q -B -f generator/pom.xml -Djayway.version=$version \
        dependency:copy-dependencies -DoutputDirectory="$build/$version"
done
javac -d "$build/classes" -cp "$build/2.0.0/*" generator/Golden.java
ask() {
    version=$1
    shift
    java -cp "$build/classes:$build/$version/*" Golden "$@" 2>"$build/log"
}
ask 2.0.0 cases cases >"$build/cases"
ask 2.0.0 answers documents 2.0.0 <"$build/cases" >"$build/first"
ask 2.10.0 answers documents 2.10.0 <"$build/first" >golden.jsonl
wc -l golden.jsonl
