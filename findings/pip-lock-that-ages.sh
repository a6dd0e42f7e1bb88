#!/bin/sh
# pip 23.0.1 (Debian 12's), 23.2.1 and 23.3, and a lock that names all packages with hashes but, as lock writers do, without
# extras. Seen: it installs until a later release of a package is published that another locked one wants with an extra;
# from that day on the two older refuse it as not pinned, although nothing of the lock changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for version in 23.0.1 23.2.1 23.3; do
    python3 -m venv "$folder/$version"
    "$folder/$version/bin/pip" install --quiet --disable-pip-version-check "pip==$version"
done
mkdir "$folder/index"

cat >"$folder/publish.py" <<'PY'
import hashlib
import sys
from pathlib import Path
from zipfile import ZipFile, ZipInfo

INDEX = Path(sys.argv[1])


def publish(name, version, more=""):
    wheel = INDEX / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": "",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{more}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    with ZipFile(wheel, "w") as archive:
        for path, text in files.items():
            archive.writestr(ZipInfo(path), text)
    print(f"{name}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}")


EXTRA = 'Provides-Extra: x\nRequires-Dist: part; extra == "x"\n'
if len(sys.argv) > 2:
    publish("whole", "2.0", EXTRA)
else:
    publish("whole", "1.0", EXTRA)
    publish("part", "1.0")
    publish("user", "1.0", "Requires-Dist: whole[x]\n")
PY

install() {
    for version in 23.0.1 23.2.1 23.3; do
        # The settings are pip's own variables: an index of one folder, and resolving, which is what is tried here.
        if PIP_NO_INDEX=1 PIP_FIND_LINKS="$folder/index" PIP_REQUIRE_HASHES=1 PIP_QUIET=1 PIP_REQUIREMENT="$folder/lock" \
            "$folder/$version/bin/python" -m pip --disable-pip-version-check install \
            --target "$folder/target-$1-$version" 2>"$folder/error"; then
            echo "$1, pip $version: installed"
        else
            echo "$1, pip $version: $(grep -o 'must have their versions pinned' "$folder/error")"
        fi
    done
}

python3 "$folder/publish.py" "$folder/index" >"$folder/lock"
{
    install "the day of the lock"
    python3 "$folder/publish.py" "$folder/index" later >/dev/null
    install "after the release of whole 2.0"
} | tee "$folder/seen"

cat >"$folder/expected" <<'TXT'
the day of the lock, pip 23.0.1: installed
the day of the lock, pip 23.2.1: installed
the day of the lock, pip 23.3: installed
after the release of whole 2.0, pip 23.0.1: must have their versions pinned
after the release of whole 2.0, pip 23.2.1: must have their versions pinned
after the release of whole 2.0, pip 23.3: installed
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
