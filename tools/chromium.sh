#!/usr/bin/env bash
# Prints the path of a Chromium that starts: $CHROMIUM, or one that the system has.
# Usage: tools/chromium.sh [--install PYTHON]
# With --install and none found: Debian's package through apt where that exists, else the browser that Playwright
# downloads for itself. For the latter nothing is printed: Playwright finds its own when it is given no path.
set -euo pipefail

say() { echo "chromium.sh: $*" >&2; }

# A file by that name is not enough: Ubuntu's chromium-browser is only a hint to install a snap.
starts() { command -v "$1" >/dev/null 2>&1 && timeout 30 "$1" --version >/dev/null 2>&1; }

find_installed() {
  local candidate
  for candidate in /usr/bin/chromium chromium chromium-browser google-chrome google-chrome-stable \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
    if starts "$candidate"; then
      command -v "$candidate"
      return 0
    fi
  done
  return 1
}

apt_install() {
  local as_root=()
  command -v apt-get >/dev/null 2>&1 || return 1
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null || return 1 # -n: never ask for a password in a test run
    as_root=(sudo -n)
  fi
  say "installing the package chromium with apt-get"
  { ${as_root[@]+"${as_root[@]}"} apt-get update -qq &&
    ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends chromium; } >&2
}

if [ -n "${CHROMIUM:-}" ]; then
  if ! starts "$CHROMIUM"; then
    say "CHROMIUM is set to $CHROMIUM, which does not start"
    exit 1
  fi
  command -v "$CHROMIUM"
elif find_installed; then
  :
elif [ "${1:-}" = --install ]; then
  python="${2:?--install needs the Python that has Playwright}"
  if apt_install && find_installed; then exit 0; fi
  say "no Chromium through apt; letting Playwright download its own"
  "$python" -m playwright install chromium >&2
else
  say "no Chromium found"
  exit 1
fi
