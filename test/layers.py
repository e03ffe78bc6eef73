#!/usr/bin/env python3
"""Reads every #include line and fails on an arrow that the layers do not allow.

    layers.py ROOT              checks the tree at ROOT
    layers.py ROOT --self-test  checks that the checker finds a wrong arrow
"""
import pathlib
import re
import sys
import tempfile

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')

# What the files of a folder may include: folders of src/, by their names. A "folder/file.h" allows
# that file alone.
ALLOWED = {
    "base": {"base"},
    "core": {"base", "core"},
    "venue": {"base", "core", "venue"},
    "session": {"base", "core", "session", "venue/venue.h"},
    "policy": {"base", "core", "policy", "venue/venue.h"},
    "exchange": {"base", "core", "session", "policy", "exchange", "venue/venue.h"},
    "journal": {"base", "core", "journal", "session/effect.h"},
    "net": {"base", "core", "net", "session/effect.h", "venue/venue.h"},
    "client": {"base", "core", "venue", "session", "policy", "exchange", "journal", "net", "client"},
    "paper": {"base", "paper"},
    "app": {"app"},
}

# The layer that implements a public header.
PUBLIC = {
    "str": "base", "error": "base", "decimal": "base",
    "market": "core", "order": "core", "execution": "core", "balance": "core", "position": "core",
    "event": "core", "command": "core", "difference": "core", "wallet": "core", "journal": "journal",
    "venue": "venue", "private": "exchange", "futures": "exchange", "client": "client",
    "paper": "paper", "keel": "client",
}

# Public headers of a lower layer than the one that implements them: their vocabulary.
EXTRA_PUBLIC = {
    "paper": {"market", "order", "execution", "balance", "position", "paper"},
    "app": set(PUBLIC),
}

# System and library headers that only these folders may include.
GUARDED = {
    "uv.h": {"net", "client", "paper", "app"},
    "curl/": {"net"},
    "wslay/": {"net", "paper"},
    "http_parser.h": {"net", "paper"},
    "openssl/": {"base", "net", "paper"},
    "sqlite3.h": {"journal"},
    "sys/socket.h": {"net", "paper"},
    "time.h": {"net", "paper", "app"},
    "sys/time.h": {"net", "paper", "app"},
    "pthread.h": {"paper"},
}
PAPER_IO = {"server.c", "server.h", "server_bytes.c", "server_frames.c", "server_http.c",
            "server_state.h", "paper.c"}  # the files of paper/ that do I/O


def public_layer_allows(folder, header, extra):
    if header not in PUBLIC:
        return False
    if header in extra.get(folder, set()):
        return True
    layer = PUBLIC[header]
    if folder == "paper" or folder == "app":
        return layer == "base"
    return layer == folder or any(a.split("/")[0] == layer for a in ALLOWED[folder])


def mistakes_in(root):
    checked = 0
    for path in sorted((root / "src").rglob("*.[ch]")):
        folder = path.relative_to(root / "src").parts[0]
        if folder not in ALLOWED:
            yield f"{path.relative_to(root)}: no layer is named '{folder}'"
            continue
        checked += 1
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            kind, target = match.groups()
            where = f"{path.relative_to(root)}:{number}"
            yield from judge(root, path, folder, kind, target, where)
    if checked == 0:
        yield "no source was found: nothing was checked"


def judge(root, path, folder, kind, target, where):
    first = target.split("/")[0]
    if kind == "<":
        for guarded, folders in GUARDED.items():
            if target == guarded or (guarded.endswith("/") and target.startswith(guarded)):
                if folder not in folders:
                    yield f"{where}: <{target}> does not belong into {folder}/"
                elif folder == "paper" and guarded in ("uv.h", "sys/socket.h", "time.h", "pthread.h") \
                        and path.name not in PAPER_IO:
                    yield f"{where}: in paper/ only {', '.join(sorted(PAPER_IO))} do I/O"
        return
    if first == "keel":
        header = pathlib.PurePath(target).stem
        if not public_layer_allows(folder, header, EXTRA_PUBLIC):
            yield f"{where}: {folder}/ must not know keel/{header}.h"
        return
    if not (root / "src" / target).exists():
        yield f"{where}: '{target}' is not written from the roots, or does not exist"
        return
    if first in ALLOWED[folder] or target in ALLOWED[folder]:
        return
    yield f"{where}: {folder}/ must not include {target}"


def self_test():
    wrong = {
        "core/a.c": '#include "venue/v.h"\n',
        "session/a.c": '#include <uv.h>\n',
        "paper/a.c": '#include "core/c.h"\n',
        "venue/a.c": '#include "session/effect.h"\n',
        "base/a.c": '#include "keel/order.h"\n',
        "app/a.c": '#include "base/b.h"\n',
        "policy/a.c": '#include "v.h"\n',
    }
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        for file in ("venue/v.h", "core/c.h", "session/effect.h", "base/b.h"):
            (root / "src" / file).parent.mkdir(parents=True, exist_ok=True)
            (root / "src" / file).write_text("")
        for file, text in wrong.items():
            (root / "src" / file).parent.mkdir(parents=True, exist_ok=True)
            (root / "src" / file).write_text(text)
        found = {m.split(":")[0] for m in mistakes_in(root)}
        missed = {f"src/{file}" for file in wrong} - found
        if missed:
            sys.exit(f"the checker misses: {', '.join(sorted(missed))}")
    print("layers: the checker finds each of", len(wrong), "wrong arrows")


def main():
    root = pathlib.Path(sys.argv[1])
    if "--self-test" in sys.argv:
        return self_test()
    mistakes = list(mistakes_in(root))
    for mistake in mistakes:
        print(mistake)
    if mistakes:
        sys.exit(1)
    print("layers: every include points down")


main()
