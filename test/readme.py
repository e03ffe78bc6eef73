#!/usr/bin/env python3
"""readme.py ROOT: what the README shows of other files is what they hold, and its links lead somewhere."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
text = (root / "README.md").read_text()
failed = []

program = (root / "examples/risk.c").read_text().strip()
blocks = [block.strip() for block in re.findall(r"```c\n(.*?)```", text, re.S)]
if blocks != [program]:
    failed.append("the C program is not examples/risk.c")

links = re.findall(r"\]\(([^)#:]+)\)", text) + re.findall(r"\]\(([^)#:]+)\)", (root / "ARCHITECTURE.md").read_text())
for link in links:
    if not (root / link).exists():
        failed.append(f"the link {link} leads nowhere")
if len(links) < 5:
    failed.append("hardly any link was found: the README was not read right")

targets = set(re.findall(r"^([a-z-]+):", (root / "Makefile").read_text(), re.M))
for target in set(re.findall(r"`make ([a-z-]+)", text)):
    if target not in targets:
        failed.append(f"there is no `make {target}`")

if "@" in re.sub(r"`[^`]*`|\$@", "", re.sub(r"```.*?```", "", text, flags=re.S)):
    failed.append("a mark was left unfilled")

for what in failed:
    print("README:", what)
sys.exit(1 if failed else print("README: program, links and commands are true") or 0)
