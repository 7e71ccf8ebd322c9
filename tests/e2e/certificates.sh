#!/usr/bin/env bash
# usage: certificates.sh FOLDER
# Makes an authority (ca.crt) and certificates of it for tests on 127.0.0.1: broker.pem (key and chain, as Kafka reads them), and
# another authority that signed nothing (stranger.crt).
set -euo pipefail
mkdir -p "$1"
cd "$1"
authority() { # NAME
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=$1" -keyout "$1.key" -out "$1.crt" 2>/dev/null
}
authority ca
authority stranger
openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout broker.key -out broker.csr 2>/dev/null
printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' > names
openssl x509 -req -in broker.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile names -out broker.crt 2>/dev/null
cat broker.key broker.crt ca.crt > broker.pem
