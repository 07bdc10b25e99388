#!/bin/sh
# A cheap stand-in for Python, so that tests of ./alpha need no installation. It notes every
# install in ./installs; FAKE_PIP_S makes one slow, FAKE_PIP_FAILS lets it fail.
case "$*" in
    '-I -S -c'*) echo "${FAKE_VERSION:-3.12}" ;;
    '-c import ensurepip, venv' | '-c import ensurepip') [ -z "${FAKE_NO_VENV:-}" ] ;;
    '-c import venv' | '-m pip --version') [ -z "${FAKE_NO_VENV:-}" ] ;;
    '-m venv .venv')
        mkdir -p .venv/bin
        sed "s/{FAKE_VERSION:-3.12}/{FAKE_VENV_VERSION:-${FAKE_VERSION:-3.12}}/" "$0" >.venv/bin/python
        chmod +x .venv/bin/python
        : >.venv/bin/pip && chmod +x .venv/bin/pip
        ;;
    '-m pip install'*)
        echo "pip $*" >>installs
        sleep "${FAKE_PIP_S:-0}"
        [ -z "${FAKE_PIP_FAILS:-}" ] || { echo 'ERROR: no network'; exit 1; }
        echo done >>installs
        ;;
    '-P -m app.cli'*)
        shift 3
        printf 'in %s:' "$(pwd)"
        printf ' <%s>' "$@"
        ;;
    *) echo "unexpected: $*" >&2; exit 99 ;;
esac
