#!/usr/bin/env bash
# Pictures of the demonstration's workbooks for the README: needs LibreOffice, poppler and a Chinese font.
set -euo pipefail
cd "$(dirname "$0")/.."

for tool in soffice pdftoppm; do
    if ! command -v "$tool" >/dev/null 2>&1; then
        echo "install: sudo apt-get install libreoffice-calc poppler-utils fonts-noto-cjk" >&2
        exit 1
    fi
done
[ -f demo/贴息清册.xlsx ] || make demo
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
mkdir -p docs/pictures
picture() { # workbook, page, name
    soffice --headless --convert-to pdf --outdir "$folder" "$1" >/dev/null 2>&1
    pdftoppm -r 75 -png -singlefile -f "$2" -l "$2" "$folder/$(basename "${1%.xlsx}").pdf" "docs/pictures/$3"
}
picture demo/贴息清册.xlsx 1 list
picture demo/审计结果.xlsx 1 audit

# The site's own pages: the demonstration, served for as long as it takes.
tools/chromium.sh
port=8399
.venv/bin/bangfu serve --home demo/site --port "$port" --no-jobs >/dev/null 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
for _ in $(seq 100); do
    if curl -fs -o /dev/null "http://127.0.0.1:$port/healthz"; then break; fi
    sleep 0.3
done
.venv/bin/python tools/page_pictures.py "http://127.0.0.1:$port"
