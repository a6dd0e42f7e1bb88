"""Lists everything in an image as CycloneDX JSON on stdout: `make sbom`.

Debian's packages, Python's and the Node that Playwright brings along. The image itself is asked,
not the lock. Two lists of one image are the same, byte for byte.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import subprocess
import sys
import uuid
from collections.abc import Iterator

from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

DEBIAN = ("dpkg-query", "--show", "--showformat", "${Package}\t${Version}\t${Architecture}\n")
NAMES_AND_VERSIONS = """
import importlib.metadata
for package in importlib.metadata.distributions(): print(package.name, package.version, sep="\\t")
"""
PYTHON = ("python", "-c", NAMES_AND_VERSIONS)
NODE = ("sh", "-c", "/opt/venv/lib/python3*/site-packages/playwright/driver/node --version")


def ask(image: str, program: str, *words: str) -> list[str]:
    """Lines that a program inside the image prints."""
    command = ["docker", "run", "--rm", "--network=none", "--entrypoint", program, image, *words]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=True
    ).stdout.splitlines()


def components(image: str) -> Iterator[Component]:
    """What is in the image, package by package."""
    for line in ask(image, *DEBIAN):
        name, version, architecture = line.split("\t")
        yield component(PackageURL("deb", "debian", name, version, {"arch": architecture}))

    for line in ask(image, *PYTHON):
        name, version = line.split("\t")
        yield component(PackageURL("pypi", None, name, version))

    yield component(PackageURL("generic", None, "node", ask(image, *NODE)[0].removeprefix("v")))


def component(package: PackageURL) -> Component:
    """One package, known by its address."""
    kind = ComponentType.LIBRARY
    return Component(
        type=kind, name=package.name, version=package.version, purl=package, bom_ref=str(package)
    )


def bill(image: str) -> str:
    """The whole list, checked against CycloneDX's schema. ValueError when it does not keep it."""
    shown = subprocess.run(
        ["docker", "image", "inspect", image], capture_output=True, timeout=60, check=True
    )
    seen = json.loads(shown.stdout)[0]
    whole = Bom(
        components=components(image), serial_number=uuid.uuid5(uuid.NAMESPACE_OID, seen["Id"])
    )
    whole.metadata.timestamp = dt.datetime.fromisoformat(seen["Created"])
    labels = seen["Config"]["Labels"]
    whole.metadata.component = Component(
        type=ComponentType.CONTAINER,
        name=labels["org.opencontainers.image.title"],
        version=labels["org.opencontainers.image.version"],
        bom_ref=seen["Id"],
    )

    whole.register_dependency(whole.metadata.component, whole.components)

    text = JsonV1Dot6(whole).output_as_string(indent=2)
    if wrong := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise ValueError(f"the bill of materials breaks CycloneDX's schema: {wrong}")

    return text


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("image")
    sys.stdout.write(bill(parser.parse_args().image) + "\n")
