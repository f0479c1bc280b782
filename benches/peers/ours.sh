#!/usr/bin/env bash
# Starts the reference server over a folder of images, unsigned, without a cache, for a comparison of image servers:
# ours.sh PROGRAM PORT FOLDER. An image is asked for as /unsafe/{w}x0/filters:format({fmt}):quality({q})/{path}.
set -euo pipefail
program=$1 port=$2 folder=$3
config=$(mktemp)
cat >"$config" <<TOML
listen = "127.0.0.1:$port"
environment = "development"
[signature]
required = false
[transform]
max_source_pixels = 50_000_000
request_timeout = "120s"
process_timeout = "120s"
[origin]
files = "$folder"
TOML
exec "$program" serve --config "$config"
