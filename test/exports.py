#!/usr/bin/env python3
"""exports.py HEADERS LIBRARY...: each library shows exactly the functions that the headers declare."""
import pathlib
import re
import subprocess
import sys

DECLARATION = re.compile(r"\bKEEL_API\b[^;{]*?\b(keel_\w+)\s*\(", re.S)


def declared(headers):
    names = set()
    for path in sorted(pathlib.Path(headers).glob("*.h")):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
        text = re.sub(r"^\s*#(?:[^\n]*\\\n)*[^\n]*", "", text, flags=re.M)
        text = re.sub(r"__attribute__\(\(.*?\)\)|KEEL_PRINTF\(\d+, \d+\)", "", text)
        names.update(DECLARATION.findall(text))
    return names


def defined(library):
    dynamic = ["-D"] if ".so" in library else []
    out = subprocess.run(["nm", "-g", "--defined-only", *dynamic, library], check=True,
                         capture_output=True, text=True).stdout
    return {parts[2] for parts in map(str.split, out.splitlines()) if len(parts) == 3}


def main():
    wanted = declared(sys.argv[1])
    if len(wanted) < 50:
        sys.exit(f"only {len(wanted)} declarations found: the headers were not read right")
    failed = False
    for library in sys.argv[2:]:
        shown = defined(library)
        for name in sorted(wanted - shown):
            failed = True
            print(f"{library}: {name} is declared and not defined")
        for name in sorted(shown - wanted):
            failed = True
            print(f"{library}: {name} is visible and not declared")
    if failed:
        sys.exit(1)
    print(f"exports: {len(wanted)} functions, in each of {len(sys.argv) - 2} libraries")


main()
