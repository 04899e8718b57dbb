#!/usr/bin/env bash
# Sees to it that the browser tests find Debian's Chromium and a Chinese font; installs them when root.
set -euo pipefail

ready() { command -v chromium >/dev/null 2>&1 && fc-list 2>/dev/null | grep -i cjk >/dev/null; }

if ready; then
    exit 0
fi
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing Chromium and a Chinese font for the browser tests" >&2
    apt-get update -qq >&2 || true
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        chromium fontconfig fonts-noto-cjk >&2 || true
fi
if ! ready; then
    echo "the browser tests need Chromium and a Chinese font: sudo apt-get install chromium fontconfig fonts-noto-cjk" >&2
    exit 1
fi
