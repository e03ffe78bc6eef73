#!/usr/bin/env python3
"""headers.py HEADERS LIBRARY CC [CXX]: each public header compiles alone, and C++ links with the library."""
import pathlib
import subprocess
import sys
import tempfile

HEADERS, LIBRARY, CC = (pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3])
CXX = sys.argv[4] if len(sys.argv) > 4 else None
STRICT = ["-Wall", "-Wextra", "-Werror"]

# Calls, values and slices as C++ writes them: what has C++'s linkage would not be found.
PROGRAM = """#include <keel/keel.h>
#include <cstring>
int main()
{
    keel_error error{};
    keel_config config = keel_config_init();
    config.venue = "nowhere";
    if (keel_client_new(&config, &error) != nullptr || error.status != KEEL_CONFIG)
        return 1;
    char text[KEEL_DECIMAL_TEXT_SIZE];
    keel_decimal_format(keel_decimal_add(KEEL_DECIMAL_ONE, keel_decimal_from_text("0.5")), text);
    return std::strcmp(text, "1.5") != 0 || !keel_str_equals(KEEL_STR("a"), keel_str_from("a"));
}
"""


def compile_program(compiler, text, suffix, *words):
    with tempfile.TemporaryDirectory(prefix="keel-headers-") as folder:
        source = pathlib.Path(folder) / f"program{suffix}"
        source.write_text(text)
        command = [*compiler.split(), *STRICT, f"-I{HEADERS.parent}", str(source)]
        done = subprocess.run([*command, *words], capture_output=True, text=True)
        return done.stderr if done.returncode != 0 else ""


def link_and_run():
    with tempfile.TemporaryDirectory(prefix="keel-headers-") as folder:
        program = f"{folder}/program"
        wrong = compile_program(CXX, PROGRAM, ".cpp", "-std=c++11", "-o", program, str(LIBRARY),
                                f"-Wl,-rpath,{LIBRARY.parent}")
        return wrong or ("" if subprocess.run([program]).returncode == 0 else "the program fails\n")


failed = []
names = sorted(path.name for path in HEADERS.glob("*.h"))
for name in names:
    include = f"#include <keel/{name}>\nint main(void)\n{{\n    return 0;\n}}\n"
    only = ("-fsyntax-only",)
    failed.append((name, compile_program(CC, include, ".c", "-std=c11", "-Wpedantic", *only)))
    for standard in ("c++11", "c++20") if CXX else ():
        failed.append((f"{name} in {standard}",
                       compile_program(CXX, include, ".cpp", f"-std={standard}", *only)))
if CXX:
    failed.append(("a program in C++", link_and_run()))
failed = [(name, wrong) for name, wrong in failed if wrong]
for name, wrong in failed:
    print(f"headers: {name}:\n{wrong}")
if len(names) < 15:
    failed.append("hardly any header was found")
sys.exit(1 if failed else print("headers: each compiles alone", "in C and C++" if CXX else "in C") or 0)
